CREATE TABLE pipeline (
	tenant_id UUID NOT NULL, 
	id UUID NOT NULL, 
	revision BIGINT NOT NULL, 
	create_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	update_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	delete_time TIMESTAMP WITH TIME ZONE, 
	purge_time TIMESTAMP WITH TIME ZONE, 
	creator_id UUID, 
	updater_id UUID, 
	labels JSONB NOT NULL, 
	display_name TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	"default" BOOLEAN NOT NULL, 
	description TEXT NOT NULL, 
	CONSTRAINT pk_pipeline__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX pipeline_by_create_time ON pipeline (tenant_id, create_time, id);
CREATE INDEX pipeline_by_display_name ON pipeline (tenant_id, display_name, id);
CREATE INDEX pipeline_by_position ON pipeline (tenant_id, position, id);
CREATE INDEX pipeline_purge ON pipeline (purge_time) WHERE purge_time IS NOT NULL;
CREATE UNIQUE INDEX uq_pipeline__default ON pipeline (tenant_id) WHERE "default" and delete_time is null;
CREATE UNIQUE INDEX uq_pipeline__display_name ON pipeline (tenant_id, display_name) WHERE display_name != '' AND delete_time IS NULL;
alter table pipeline enable row level security;
alter table pipeline force row level security;
create policy tenant on pipeline using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE lead (
	tenant_id UUID NOT NULL, 
	id UUID NOT NULL, 
	revision BIGINT NOT NULL, 
	create_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	update_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	delete_time TIMESTAMP WITH TIME ZONE, 
	purge_time TIMESTAMP WITH TIME ZONE, 
	creator_id UUID, 
	updater_id UUID, 
	owner_id UUID NOT NULL, 
	team_id UUID, 
	labels JSONB NOT NULL, 
	external_ids JSONB NOT NULL, 
	custom_fields JSONB, 
	display_name TEXT NOT NULL, 
	display_name_sort TEXT COLLATE "C" NOT NULL, 
	family_name TEXT NOT NULL, 
	given_name TEXT NOT NULL, 
	company TEXT NOT NULL, 
	company_sort TEXT COLLATE "C" NOT NULL, 
	position TEXT NOT NULL, 
	emails JSONB NOT NULL, 
	phones JSONB NOT NULL, 
	address JSONB, 
	source TEXT NOT NULL, 
	campaign_id UUID, 
	rating TEXT, 
	state TEXT, 
	disqualify_reason TEXT NOT NULL, 
	description TEXT NOT NULL, 
	region TEXT NOT NULL, 
	account_id UUID, 
	contact_id UUID, 
	opportunity_id UUID, 
	convert_time TIMESTAMP WITH TIME ZONE, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_lead__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX lead_by_account_id ON lead (tenant_id, account_id, id);
CREATE INDEX lead_by_campaign_id ON lead (tenant_id, campaign_id, id);
CREATE INDEX lead_by_company ON lead (tenant_id, company_sort, id);
CREATE INDEX lead_by_contact_id ON lead (tenant_id, contact_id, id);
CREATE INDEX lead_by_create_time ON lead (tenant_id, create_time, id);
CREATE INDEX lead_by_display_name ON lead (tenant_id, display_name_sort, id);
CREATE INDEX lead_by_opportunity_id ON lead (tenant_id, opportunity_id, id);
CREATE INDEX lead_by_owner_id ON lead (tenant_id, owner_id, id);
CREATE INDEX lead_by_region ON lead (tenant_id, region, id);
CREATE INDEX lead_by_source ON lead (tenant_id, source, id);
CREATE INDEX lead_by_state ON lead (tenant_id, state, id);
CREATE INDEX lead_by_state_desc ON lead (tenant_id, state DESC NULLS LAST, id DESC);
CREATE INDEX lead_by_team_id ON lead (tenant_id, team_id, id);
CREATE INDEX lead_purge ON lead (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX lead_search ON lead USING gin (tenant_id, search_grams);
alter table lead alter column search_grams set statistics 1000;
alter table lead enable row level security;
alter table lead force row level security;
create policy tenant on lead using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE opportunity (
	tenant_id UUID NOT NULL, 
	id UUID NOT NULL, 
	revision BIGINT NOT NULL, 
	create_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	update_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	delete_time TIMESTAMP WITH TIME ZONE, 
	purge_time TIMESTAMP WITH TIME ZONE, 
	creator_id UUID, 
	updater_id UUID, 
	owner_id UUID NOT NULL, 
	team_id UUID, 
	labels JSONB NOT NULL, 
	external_ids JSONB NOT NULL, 
	custom_fields JSONB, 
	display_name TEXT NOT NULL, 
	display_name_sort TEXT COLLATE "C" NOT NULL, 
	account_id UUID, 
	contact_id UUID, 
	lead_id UUID, 
	campaign_id UUID, 
	pipeline_id UUID NOT NULL, 
	stage_id UUID NOT NULL, 
	state TEXT, 
	type TEXT, 
	amount NUMERIC(28, 9), 
	amount_currency TEXT, 
	amount_base NUMERIC(28, 9), 
	win_probability_percent INTEGER NOT NULL, 
	close_date DATE, 
	closed_time TIMESTAMP WITH TIME ZONE, 
	stage_entry_time TIMESTAMP WITH TIME ZONE, 
	lost_reason TEXT NOT NULL, 
	next_step TEXT NOT NULL, 
	source TEXT NOT NULL, 
	region TEXT NOT NULL, 
	description TEXT NOT NULL, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_opportunity__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX opportunity_board ON opportunity (tenant_id, pipeline_id, stage_id, id);
CREATE INDEX opportunity_by_account_id ON opportunity (tenant_id, account_id, id);
CREATE INDEX opportunity_by_amount ON opportunity (tenant_id, amount_base, id);
CREATE INDEX opportunity_by_amount_desc ON opportunity (tenant_id, amount_base DESC NULLS LAST, id DESC);
CREATE INDEX opportunity_by_campaign_id ON opportunity (tenant_id, campaign_id, id);
CREATE INDEX opportunity_by_close_date ON opportunity (tenant_id, close_date, id);
CREATE INDEX opportunity_by_close_date_desc ON opportunity (tenant_id, close_date DESC NULLS LAST, id DESC);
CREATE INDEX opportunity_by_contact_id ON opportunity (tenant_id, contact_id, id);
CREATE INDEX opportunity_by_create_time ON opportunity (tenant_id, create_time, id);
CREATE INDEX opportunity_by_display_name ON opportunity (tenant_id, display_name_sort, id);
CREATE INDEX opportunity_by_lead_id ON opportunity (tenant_id, lead_id, id);
CREATE INDEX opportunity_by_owner_id ON opportunity (tenant_id, owner_id, id);
CREATE INDEX opportunity_by_pipeline_id ON opportunity (tenant_id, pipeline_id, id);
CREATE INDEX opportunity_by_stage_id ON opportunity (tenant_id, stage_id, id);
CREATE INDEX opportunity_by_state ON opportunity (tenant_id, state, id);
CREATE INDEX opportunity_by_state_desc ON opportunity (tenant_id, state DESC NULLS LAST, id DESC);
CREATE INDEX opportunity_by_team_id ON opportunity (tenant_id, team_id, id);
CREATE INDEX opportunity_purge ON opportunity (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX opportunity_search ON opportunity USING gin (tenant_id, search_grams);
alter table opportunity alter column search_grams set statistics 1000;
alter table opportunity enable row level security;
alter table opportunity force row level security;
create policy tenant on opportunity using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE stage (
	tenant_id UUID NOT NULL, 
	id UUID NOT NULL, 
	revision BIGINT NOT NULL, 
	create_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	update_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	delete_time TIMESTAMP WITH TIME ZONE, 
	purge_time TIMESTAMP WITH TIME ZONE, 
	creator_id UUID, 
	updater_id UUID, 
	labels JSONB NOT NULL, 
	pipeline_id UUID NOT NULL, 
	display_name TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	outcome TEXT NOT NULL, 
	win_probability_percent INTEGER NOT NULL, 
	required_fields TEXT[] NOT NULL, 
	description TEXT NOT NULL, 
	CONSTRAINT pk_stage__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_stage__pipeline_id FOREIGN KEY(tenant_id, pipeline_id) REFERENCES pipeline (tenant_id, id)
);
CREATE INDEX stage_by_create_time ON stage (tenant_id, create_time, id);
CREATE INDEX stage_by_display_name ON stage (tenant_id, display_name, id);
CREATE INDEX stage_by_pipeline_id ON stage (tenant_id, pipeline_id, id);
CREATE INDEX stage_by_position ON stage (tenant_id, position, id);
CREATE INDEX stage_order ON stage (tenant_id, pipeline_id, position, id);
CREATE INDEX stage_purge ON stage (purge_time) WHERE purge_time IS NOT NULL;
alter table stage enable row level security;
alter table stage force row level security;
create policy tenant on stage using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE stage_change (
	tenant_id UUID NOT NULL, 
	id UUID NOT NULL, 
	create_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	creator_id UUID, 
	owner_id UUID NOT NULL, 
	team_id UUID, 
	opportunity_id UUID, 
	pipeline_id UUID, 
	from_stage_id UUID, 
	to_stage_id UUID, 
	change_date DATE, 
	amount NUMERIC(28, 9), 
	amount_currency TEXT, 
	amount_base NUMERIC(28, 9), 
	stage_duration INTERVAL, 
	CONSTRAINT pk_stage_change__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_stage_change__opportunity_id FOREIGN KEY(tenant_id, opportunity_id) REFERENCES opportunity (tenant_id, id), 
	CONSTRAINT fk_stage_change__pipeline_id FOREIGN KEY(tenant_id, pipeline_id) REFERENCES pipeline (tenant_id, id), 
	CONSTRAINT fk_stage_change__from_stage_id FOREIGN KEY(tenant_id, from_stage_id) REFERENCES stage (tenant_id, id), 
	CONSTRAINT fk_stage_change__to_stage_id FOREIGN KEY(tenant_id, to_stage_id) REFERENCES stage (tenant_id, id)
);
CREATE INDEX stage_change_by_change_date ON stage_change (tenant_id, change_date, id);
CREATE INDEX stage_change_by_change_date_desc ON stage_change (tenant_id, change_date DESC NULLS LAST, id DESC);
CREATE INDEX stage_change_by_create_time ON stage_change (tenant_id, create_time, id);
CREATE INDEX stage_change_by_from_stage_id ON stage_change (tenant_id, from_stage_id, id);
CREATE INDEX stage_change_by_opportunity_id ON stage_change (tenant_id, opportunity_id, id);
CREATE INDEX stage_change_by_owner_id ON stage_change (tenant_id, owner_id, id);
CREATE INDEX stage_change_by_pipeline_id ON stage_change (tenant_id, pipeline_id, id);
CREATE INDEX stage_change_by_team_id ON stage_change (tenant_id, team_id, id);
CREATE INDEX stage_change_by_to_stage_id ON stage_change (tenant_id, to_stage_id, id);
alter table stage_change enable row level security;
alter table stage_change force row level security;
create policy tenant on stage_change using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
ALTER TABLE lead ADD CONSTRAINT fk_lead__opportunity_id FOREIGN KEY(tenant_id, opportunity_id) REFERENCES opportunity (tenant_id, id);
ALTER TABLE opportunity ADD CONSTRAINT fk_opportunity__lead_id FOREIGN KEY(tenant_id, lead_id) REFERENCES lead (tenant_id, id);
ALTER TABLE opportunity ADD CONSTRAINT fk_opportunity__pipeline_id FOREIGN KEY(tenant_id, pipeline_id) REFERENCES pipeline (tenant_id, id);
ALTER TABLE opportunity ADD CONSTRAINT fk_opportunity__stage_id FOREIGN KEY(tenant_id, stage_id) REFERENCES stage (tenant_id, id);
CREATE TABLE history (
	tenant_id UUID NOT NULL, 
	aggregatetype TEXT NOT NULL, 
	aggregateid UUID NOT NULL, 
	sequence BIGINT NOT NULL, 
	type TEXT NOT NULL, 
	actor_id UUID NOT NULL, 
	change_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	payload BYTEA NOT NULL, 
	PRIMARY KEY (tenant_id, aggregatetype, aggregateid, sequence)
);
CREATE INDEX history_age ON history USING brin (change_time);
alter table history enable row level security;
alter table history force row level security;
create policy tenant on history using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE erased (
	tenant_id UUID NOT NULL, 
	digest BYTEA NOT NULL, 
	privacy_request_id UUID NOT NULL, 
	CONSTRAINT pk_erased__digest PRIMARY KEY (tenant_id, digest)
);
alter table erased enable row level security;
alter table erased force row level security;
create policy tenant on erased using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE external_id (
	tenant_id UUID NOT NULL, 
	noun TEXT NOT NULL, 
	system TEXT NOT NULL, 
	external TEXT NOT NULL, 
	record_id UUID NOT NULL, 
	CONSTRAINT pk_external_id__external_ids PRIMARY KEY (tenant_id, noun, system, external)
);
CREATE INDEX ix_external_id_record_id ON external_id (record_id);
alter table external_id enable row level security;
alter table external_id force row level security;
create policy tenant on external_id using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE custom_value (
	tenant_id UUID NOT NULL, 
	noun TEXT NOT NULL, 
	code TEXT NOT NULL, 
	value TEXT NOT NULL, 
	record_id UUID NOT NULL, 
	CONSTRAINT pk_custom_value__custom_fields PRIMARY KEY (tenant_id, noun, code, value)
);
CREATE INDEX ix_custom_value_record_id ON custom_value (record_id);
alter table custom_value enable row level security;
alter table custom_value force row level security;
create policy tenant on custom_value using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE share (
	tenant_id UUID NOT NULL, 
	noun TEXT NOT NULL, 
	record_id UUID NOT NULL, 
	grantee_id UUID NOT NULL, 
	is_team BOOLEAN NOT NULL, 
	level SMALLINT NOT NULL, 
	expire_time TIMESTAMP WITH TIME ZONE, 
	reason TEXT NOT NULL, 
	creator_id UUID NOT NULL, 
	create_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_share__grantee_id PRIMARY KEY (tenant_id, noun, record_id, grantee_id)
);
CREATE INDEX share_by_grantee ON share (tenant_id, grantee_id, noun, record_id);
alter table share enable row level security;
alter table share force row level security;
create policy tenant on share using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE request (
	tenant_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	method TEXT NOT NULL, 
	request_id TEXT NOT NULL, 
	content BYTEA NOT NULL, 
	record_id UUID, 
	create_time TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_request__request_id PRIMARY KEY (tenant_id, user_id, method, request_id)
);
alter table request enable row level security;
alter table request force row level security;
create policy tenant on request using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE outbox (
	position BIGINT GENERATED ALWAYS AS IDENTITY, 
	lane SMALLINT DEFAULT 0 NOT NULL, 
	topic TEXT NOT NULL, 
	id UUID NOT NULL, 
	aggregatetype TEXT NOT NULL, 
	aggregateid UUID NOT NULL, 
	type TEXT NOT NULL, 
	tenant_id UUID NOT NULL, 
	sequence BIGINT NOT NULL, 
	time TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	headers JSONB DEFAULT '{}' NOT NULL, 
	payload BYTEA NOT NULL, 
	PRIMARY KEY (position)
);
CREATE INDEX outbox_order ON outbox (lane, position);
create function waiting_events(noun text, record uuid) returns table (key bigint, payload bytea)
  language sql security definer set search_path = public, pg_temp as $$ select position, payload from outbox
  where outbox.tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid and aggregatetype = noun and aggregateid = record $$;
create function replace_waiting_event(key bigint, new_payload bytea) returns void
  language sql security definer set search_path = public, pg_temp as $$ update outbox set payload = new_payload
  where outbox.tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid and position = key $$;
CREATE TABLE inbox (
	consumer TEXT NOT NULL, 
	event_id UUID NOT NULL, 
	take_time TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_age ON inbox USING brin (take_time);
CREATE TABLE inbox_sequence (
	consumer TEXT NOT NULL, 
	aggregate_id UUID NOT NULL, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (consumer, aggregate_id)
);
CREATE TABLE inbox_offset (
	consumer TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	partition INTEGER NOT NULL, 
	next_offset BIGINT NOT NULL, 
	PRIMARY KEY (consumer, topic, partition)
);
CREATE TABLE job (
	id UUID NOT NULL, 
	tenant_id UUID NOT NULL, 
	setter_id UUID NOT NULL, 
	api_key_id UUID, 
	permission TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	request BYTEA NOT NULL, 
	traceparent TEXT NOT NULL, 
	due_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	attempts INTEGER DEFAULT 0 NOT NULL, 
	failures INTEGER DEFAULT 0 NOT NULL, 
	silences INTEGER DEFAULT 0 NOT NULL, 
	end_time TIMESTAMP WITH TIME ZONE, 
	failure TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX job_due ON job (due_time) WHERE end_time is null;
CREATE INDEX job_ended ON job (end_time) WHERE end_time is not null;
CREATE TABLE saga (
	id UUID NOT NULL, 
	tenant_id UUID NOT NULL, 
	setter_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	record_id UUID NOT NULL, 
	held_id UUID, 
	request_id TEXT, 
	content BYTEA NOT NULL, 
	request BYTEA NOT NULL, 
	state TEXT DEFAULT 'RUNNING' NOT NULL, 
	steps_done INTEGER DEFAULT 0 NOT NULL, 
	facts JSONB DEFAULT '{}' NOT NULL, 
	refusal JSONB, 
	begin_time TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	end_time TIMESTAMP WITH TIME ZONE, 
	PRIMARY KEY (id)
);
CREATE INDEX saga_ended ON saga (end_time) WHERE held_id is null;
CREATE UNIQUE INDEX uq_saga__held_id ON saga (tenant_id, kind, held_id);
CREATE UNIQUE INDEX uq_saga__request_id ON saga (tenant_id, kind, setter_id, request_id);
grant select, insert, update on pipeline to sales_app;
grant select, insert, update on stage to sales_app;
grant select, insert, update on lead to sales_app;
grant select, insert, update on opportunity to sales_app;
grant select, insert, update on stage_change to sales_app;
grant select, insert, delete on external_id, custom_value to sales_app;
grant select, insert, update, delete on share to sales_app;
grant select, insert, update (payload) on history to sales_app;
grant select, insert on erased to sales_app;
create policy republish on history for select to sales_owner using (true);
grant select, insert, update on request to sales_app;
grant insert, select (position, lane) on outbox to sales_app;
grant select, insert, update on inbox to sales_app;
grant select, insert, update on inbox_sequence to sales_app;
grant select, insert, update on inbox_offset to sales_app;
grant select, insert, update on job to sales_app;
grant select, insert, update on saga to sales_app;
grant select, delete on outbox to sales_worker;
grant select, delete on request to sales_worker;
create policy sweep on request to sales_worker using (create_time < now() - interval '24 hours');
grant select, update, delete on inbox to sales_worker;
grant select, update, delete on inbox_sequence to sales_worker;
grant select, update, delete on inbox_offset to sales_worker;
grant select, update, delete on job to sales_worker;
grant select, update, delete on saga to sales_worker;
grant select (tenant_id, id, purge_time), delete on pipeline to sales_worker;
create policy look on pipeline for select to sales_worker using (true);
create policy sweep on pipeline for delete to sales_worker using (true);
create policy due on pipeline as restrictive for delete to sales_worker using (pipeline.purge_time < now());
grant select (tenant_id, id, purge_time, pipeline_id), delete on stage to sales_worker;
create policy look on stage for select to sales_worker using (true);
create policy sweep on stage for delete to sales_worker using (true);
create policy due on stage as restrictive for delete to sales_worker using (stage.purge_time < now() OR (EXISTS (SELECT 1 FROM pipeline AS pipeline_1 WHERE stage.tenant_id = pipeline_1.tenant_id AND stage.pipeline_id = pipeline_1.id AND pipeline_1.purge_time < now())));
grant select (tenant_id, id, purge_time, opportunity_id), delete on lead to sales_worker;
create policy look on lead for select to sales_worker using (true);
create policy sweep on lead for delete to sales_worker using (true);
create policy due on lead as restrictive for delete to sales_worker using (lead.purge_time < now());
grant select (tenant_id, id, purge_time, lead_id, pipeline_id, stage_id), delete on opportunity to sales_worker;
create policy look on opportunity for select to sales_worker using (true);
create policy sweep on opportunity for delete to sales_worker using (true);
create policy due on opportunity as restrictive for delete to sales_worker using (opportunity.purge_time < now());
grant select (tenant_id, id, opportunity_id, pipeline_id, from_stage_id, to_stage_id), delete on stage_change to sales_worker;
create policy look on stage_change for select to sales_worker using (true);
create policy sweep on stage_change for delete to sales_worker using (true);
create policy due on stage_change as restrictive for delete to sales_worker using (EXISTS (SELECT 1 FROM opportunity AS opportunity_1 WHERE stage_change.tenant_id = opportunity_1.tenant_id AND stage_change.opportunity_id = opportunity_1.id AND opportunity_1.purge_time < now()));
grant select (tenant_id, aggregatetype, aggregateid, sequence, change_time), delete on history to sales_worker;
create policy look on history for select to sales_worker using (true);
create policy sweep on history for delete to sales_worker using (true);
create policy due on history as restrictive for delete to sales_worker using (change_time < now() - interval '13 months' or case history.aggregatetype when 'sales.pipeline' then NOT (EXISTS (SELECT 1 FROM pipeline AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'sales.stage' then NOT (EXISTS (SELECT 1 FROM stage AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'sales.lead' then NOT (EXISTS (SELECT 1 FROM lead AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'sales.opportunity' then NOT (EXISTS (SELECT 1 FROM opportunity AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'sales.stage_change' then NOT (EXISTS (SELECT 1 FROM stage_change AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) else false end);
grant select (tenant_id, noun, record_id), delete on external_id to sales_worker;
create policy look on external_id for select to sales_worker using (true);
create policy sweep on external_id for delete to sales_worker using (true);
create policy due on external_id as restrictive for delete to sales_worker using (case external_id.noun when 'sales.pipeline' then NOT (EXISTS (SELECT 1 FROM pipeline AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'sales.stage' then NOT (EXISTS (SELECT 1 FROM stage AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'sales.lead' then NOT (EXISTS (SELECT 1 FROM lead AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'sales.opportunity' then NOT (EXISTS (SELECT 1 FROM opportunity AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'sales.stage_change' then NOT (EXISTS (SELECT 1 FROM stage_change AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) else false end);
grant select (tenant_id, noun, record_id), delete on share to sales_worker;
create policy look on share for select to sales_worker using (true);
create policy sweep on share for delete to sales_worker using (true);
create policy due on share as restrictive for delete to sales_worker using (case share.noun when 'sales.pipeline' then NOT (EXISTS (SELECT 1 FROM pipeline AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'sales.stage' then NOT (EXISTS (SELECT 1 FROM stage AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'sales.lead' then NOT (EXISTS (SELECT 1 FROM lead AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'sales.opportunity' then NOT (EXISTS (SELECT 1 FROM opportunity AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'sales.stage_change' then NOT (EXISTS (SELECT 1 FROM stage_change AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) else false end);
grant select (tenant_id, noun, record_id), delete on custom_value to sales_worker;
create policy look on custom_value for select to sales_worker using (true);
create policy sweep on custom_value for delete to sales_worker using (true);
create policy due on custom_value as restrictive for delete to sales_worker using (case custom_value.noun when 'sales.pipeline' then NOT (EXISTS (SELECT 1 FROM pipeline AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'sales.stage' then NOT (EXISTS (SELECT 1 FROM stage AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'sales.lead' then NOT (EXISTS (SELECT 1 FROM lead AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'sales.opportunity' then NOT (EXISTS (SELECT 1 FROM opportunity AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'sales.stage_change' then NOT (EXISTS (SELECT 1 FROM stage_change AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) else false end);
