CREATE TABLE campaign (
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
	objective TEXT NOT NULL, 
	type TEXT, 
	state TEXT, 
	budget NUMERIC(28, 9), 
	budget_currency TEXT, 
	budget_base NUMERIC(28, 9), 
	actual_cost NUMERIC(28, 9), 
	actual_cost_currency TEXT, 
	actual_cost_base NUMERIC(28, 9), 
	start_date DATE, 
	end_date DATE, 
	launch_time TIMESTAMP WITH TIME ZONE, 
	end_time TIMESTAMP WITH TIME ZONE, 
	member_count INTEGER NOT NULL, 
	description TEXT NOT NULL, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_campaign__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX campaign_by_budget ON campaign (tenant_id, budget_base, id);
CREATE INDEX campaign_by_budget_desc ON campaign (tenant_id, budget_base DESC NULLS LAST, id DESC);
CREATE INDEX campaign_by_create_time ON campaign (tenant_id, create_time, id);
CREATE INDEX campaign_by_display_name ON campaign (tenant_id, display_name_sort, id);
CREATE INDEX campaign_by_end_date ON campaign (tenant_id, end_date, id);
CREATE INDEX campaign_by_end_date_desc ON campaign (tenant_id, end_date DESC NULLS LAST, id DESC);
CREATE INDEX campaign_by_owner_id ON campaign (tenant_id, owner_id, id);
CREATE INDEX campaign_by_start_date ON campaign (tenant_id, start_date, id);
CREATE INDEX campaign_by_start_date_desc ON campaign (tenant_id, start_date DESC NULLS LAST, id DESC);
CREATE INDEX campaign_by_state ON campaign (tenant_id, state, id);
CREATE INDEX campaign_by_state_desc ON campaign (tenant_id, state DESC NULLS LAST, id DESC);
CREATE INDEX campaign_by_team_id ON campaign (tenant_id, team_id, id);
CREATE INDEX campaign_purge ON campaign (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX campaign_search ON campaign USING gin (tenant_id, search_grams);
alter table campaign alter column search_grams set statistics 1000;
alter table campaign enable row level security;
alter table campaign force row level security;
create policy tenant on campaign using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE contact_fact (
	tenant_id UUID NOT NULL, 
	id UUID NOT NULL, 
	create_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	creator_id UUID, 
	contact_id UUID, 
	account_id UUID, 
	display_name TEXT NOT NULL, 
	display_name_sort TEXT COLLATE "C" NOT NULL, 
	position TEXT NOT NULL, 
	industry TEXT NOT NULL, 
	account_type TEXT NOT NULL, 
	region TEXT NOT NULL, 
	source TEXT NOT NULL, 
	lead_source TEXT NOT NULL, 
	won_opportunity_count INTEGER NOT NULL, 
	last_won_time TIMESTAMP WITH TIME ZONE, 
	won_amount NUMERIC(28, 9), 
	won_amount_currency TEXT, 
	won_amount_base NUMERIC(28, 9), 
	open_opportunity_count INTEGER NOT NULL, 
	open_case_count INTEGER NOT NULL, 
	last_case_resolved_time TIMESTAMP WITH TIME ZONE, 
	tag_ids UUID[] NOT NULL, 
	contact_create_time TIMESTAMP WITH TIME ZONE, 
	refresh_time TIMESTAMP WITH TIME ZONE, 
	search_grams TEXT[] NOT NULL, 
	delete_time TIMESTAMP WITH TIME ZONE, 
	sequence BIGINT NOT NULL, 
	CONSTRAINT pk_contact_fact__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX contact_fact_by_account_id ON contact_fact (tenant_id, account_id, id);
CREATE INDEX contact_fact_by_contact_create_time ON contact_fact (tenant_id, contact_create_time, id);
CREATE INDEX contact_fact_by_contact_create_time_desc ON contact_fact (tenant_id, contact_create_time DESC NULLS LAST, id DESC);
CREATE INDEX contact_fact_by_contact_id ON contact_fact (tenant_id, contact_id, id);
CREATE INDEX contact_fact_by_create_time ON contact_fact (tenant_id, create_time, id);
CREATE INDEX contact_fact_by_display_name ON contact_fact (tenant_id, display_name_sort, id);
CREATE INDEX contact_fact_by_industry ON contact_fact (tenant_id, industry, id);
CREATE INDEX contact_fact_by_last_won_time ON contact_fact (tenant_id, last_won_time, id);
CREATE INDEX contact_fact_by_last_won_time_desc ON contact_fact (tenant_id, last_won_time DESC NULLS LAST, id DESC);
CREATE INDEX contact_fact_by_region ON contact_fact (tenant_id, region, id);
CREATE INDEX contact_fact_by_won_amount ON contact_fact (tenant_id, won_amount_base, id);
CREATE INDEX contact_fact_by_won_amount_desc ON contact_fact (tenant_id, won_amount_base DESC NULLS LAST, id DESC);
CREATE INDEX contact_fact_by_won_opportunity_count ON contact_fact (tenant_id, won_opportunity_count, id);
CREATE INDEX contact_fact_search ON contact_fact USING gin (tenant_id, search_grams);
CREATE INDEX contact_fact_with_tag_ids ON contact_fact USING gin (tenant_id, tag_ids);
alter table contact_fact alter column search_grams set statistics 1000;
alter table contact_fact enable row level security;
alter table contact_fact force row level security;
create policy tenant on contact_fact using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE segment (
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
	display_name_sort TEXT COLLATE "C" NOT NULL, 
	description TEXT NOT NULL, 
	filter TEXT NOT NULL, 
	kind TEXT, 
	member_count INTEGER NOT NULL, 
	compute_time TIMESTAMP WITH TIME ZONE, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_segment__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX segment_by_create_time ON segment (tenant_id, create_time, id);
CREATE INDEX segment_by_display_name ON segment (tenant_id, display_name_sort, id);
CREATE INDEX segment_by_member_count ON segment (tenant_id, member_count, id);
CREATE INDEX segment_purge ON segment (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX segment_search ON segment USING gin (tenant_id, search_grams);
CREATE UNIQUE INDEX uq_segment__display_name ON segment (tenant_id, display_name) WHERE display_name != '' AND delete_time IS NULL;
alter table segment alter column search_grams set statistics 1000;
alter table segment enable row level security;
alter table segment force row level security;
create policy tenant on segment using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE campaign_member (
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
	campaign_id UUID NOT NULL, 
	contact_id UUID NOT NULL, 
	account_id UUID, 
	display_name TEXT NOT NULL, 
	display_name_sort TEXT COLLATE "C" NOT NULL, 
	state TEXT, 
	state_change_time TIMESTAMP WITH TIME ZONE, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_campaign_member__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_campaign_member__campaign_id FOREIGN KEY(tenant_id, campaign_id) REFERENCES campaign (tenant_id, id)
);
CREATE INDEX campaign_member_by_account_id ON campaign_member (tenant_id, account_id, id);
CREATE INDEX campaign_member_by_campaign_id ON campaign_member (tenant_id, campaign_id, id);
CREATE INDEX campaign_member_by_contact_id ON campaign_member (tenant_id, contact_id, id);
CREATE INDEX campaign_member_by_create_time ON campaign_member (tenant_id, create_time, id);
CREATE INDEX campaign_member_by_display_name ON campaign_member (tenant_id, display_name_sort, id);
CREATE INDEX campaign_member_by_owner_id ON campaign_member (tenant_id, owner_id, id);
CREATE INDEX campaign_member_by_state ON campaign_member (tenant_id, state, id);
CREATE INDEX campaign_member_by_state_desc ON campaign_member (tenant_id, state DESC NULLS LAST, id DESC);
CREATE INDEX campaign_member_by_team_id ON campaign_member (tenant_id, team_id, id);
CREATE INDEX campaign_member_purge ON campaign_member (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX campaign_member_search ON campaign_member USING gin (tenant_id, search_grams);
CREATE UNIQUE INDEX uq_campaign_member__contact_id ON campaign_member (tenant_id, campaign_id, contact_id) WHERE delete_time IS NULL;
alter table campaign_member alter column search_grams set statistics 1000;
alter table campaign_member enable row level security;
alter table campaign_member force row level security;
create policy tenant on campaign_member using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE segment_membership (
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
	segment_id UUID, 
	contact_id UUID, 
	display_name TEXT NOT NULL, 
	entered_time TIMESTAMP WITH TIME ZONE, 
	left_time TIMESTAMP WITH TIME ZONE, 
	cause TEXT NOT NULL, 
	leave_cause TEXT NOT NULL, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_segment_membership__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_segment_membership__segment_id FOREIGN KEY(tenant_id, segment_id) REFERENCES segment (tenant_id, id)
);
CREATE INDEX segment_membership_by_contact_id ON segment_membership (tenant_id, contact_id, id);
CREATE INDEX segment_membership_by_create_time ON segment_membership (tenant_id, create_time, id);
CREATE INDEX segment_membership_by_entered_time ON segment_membership (tenant_id, entered_time, id);
CREATE INDEX segment_membership_by_entered_time_desc ON segment_membership (tenant_id, entered_time DESC NULLS LAST, id DESC);
CREATE INDEX segment_membership_by_left_time ON segment_membership (tenant_id, left_time, id);
CREATE INDEX segment_membership_by_left_time_desc ON segment_membership (tenant_id, left_time DESC NULLS LAST, id DESC);
CREATE INDEX segment_membership_by_segment_id ON segment_membership (tenant_id, segment_id, id);
CREATE INDEX segment_membership_purge ON segment_membership (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX segment_membership_search ON segment_membership USING gin (tenant_id, search_grams);
CREATE UNIQUE INDEX uq_segment_membership__contact_id ON segment_membership (tenant_id, segment_id, contact_id) WHERE left_time is null and delete_time is null;
alter table segment_membership alter column search_grams set statistics 1000;
alter table segment_membership enable row level security;
alter table segment_membership force row level security;
create policy tenant on segment_membership using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE known_tenant (
	tenant_id UUID NOT NULL, 
	time_zone TEXT NOT NULL, 
	base_currency TEXT NOT NULL, 
	sequence BIGINT NOT NULL, 
	CONSTRAINT pk_known_tenant__tenant_id PRIMARY KEY (tenant_id)
);
alter table known_tenant enable row level security;
alter table known_tenant force row level security;
create policy tenant on known_tenant using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE known_account (
	tenant_id UUID NOT NULL, 
	id UUID NOT NULL, 
	industry TEXT NOT NULL, 
	type TEXT NOT NULL, 
	region TEXT NOT NULL, 
	living BOOLEAN NOT NULL, 
	sequence BIGINT NOT NULL, 
	CONSTRAINT pk_known_account__id PRIMARY KEY (tenant_id, id)
);
alter table known_account enable row level security;
alter table known_account force row level security;
create policy tenant on known_account using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE known_lead (
	tenant_id UUID NOT NULL, 
	id UUID NOT NULL, 
	contact_id UUID, 
	source TEXT NOT NULL, 
	living BOOLEAN NOT NULL, 
	sequence BIGINT NOT NULL, 
	CONSTRAINT pk_known_lead__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX known_lead_by_contact ON known_lead (tenant_id, contact_id);
alter table known_lead enable row level security;
alter table known_lead force row level security;
create policy tenant on known_lead using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE known_opportunity (
	tenant_id UUID NOT NULL, 
	id UUID NOT NULL, 
	account_id UUID, 
	contact_id UUID, 
	state TEXT NOT NULL, 
	base_amount NUMERIC(28, 9), 
	won_time TIMESTAMP WITH TIME ZONE, 
	living BOOLEAN NOT NULL, 
	sequence BIGINT NOT NULL, 
	CONSTRAINT pk_known_opportunity__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX known_opportunity_by_account ON known_opportunity (tenant_id, account_id);
CREATE INDEX known_opportunity_by_contact ON known_opportunity (tenant_id, contact_id);
alter table known_opportunity enable row level security;
alter table known_opportunity force row level security;
create policy tenant on known_opportunity using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE known_case (
	tenant_id UUID NOT NULL, 
	id UUID NOT NULL, 
	account_id UUID, 
	contact_id UUID, 
	open BOOLEAN NOT NULL, 
	resolve_time TIMESTAMP WITH TIME ZONE, 
	living BOOLEAN NOT NULL, 
	sequence BIGINT NOT NULL, 
	CONSTRAINT pk_known_case__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX known_case_by_account ON known_case (tenant_id, account_id);
CREATE INDEX known_case_by_contact ON known_case (tenant_id, contact_id);
alter table known_case enable row level security;
alter table known_case force row level security;
create policy tenant on known_case using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
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
grant select, insert, update on campaign to marketing_app;
grant select, insert, update on campaign_member to marketing_app;
grant select, insert, update on contact_fact to marketing_app;
grant select, insert, update on segment_membership to marketing_app;
grant select, insert, update on segment to marketing_app;
grant select, insert, update, delete on known_tenant to marketing_app;
grant select, insert, update, delete on known_account to marketing_app;
grant select, insert, update, delete on known_lead to marketing_app;
grant select, insert, update, delete on known_opportunity to marketing_app;
grant select, insert, update, delete on known_case to marketing_app;
grant select, insert, delete on external_id, custom_value to marketing_app;
grant select, insert, update, delete on share to marketing_app;
grant select, insert, update (payload) on history to marketing_app;
grant select, insert on erased to marketing_app;
create policy republish on history for select to marketing_owner using (true);
grant select, insert, update on request to marketing_app;
grant insert, select (position, lane) on outbox to marketing_app;
grant select, insert, update on inbox to marketing_app;
grant select, insert, update on inbox_sequence to marketing_app;
grant select, insert, update on inbox_offset to marketing_app;
grant select, insert, update on job to marketing_app;
grant select, insert, update on saga to marketing_app;
grant select, delete on outbox to marketing_worker;
grant select, delete on request to marketing_worker;
create policy sweep on request to marketing_worker using (create_time < now() - interval '24 hours');
grant select, update, delete on inbox to marketing_worker;
grant select, update, delete on inbox_sequence to marketing_worker;
grant select, update, delete on inbox_offset to marketing_worker;
grant select, update, delete on job to marketing_worker;
grant select, update, delete on saga to marketing_worker;
grant select (tenant_id, id, purge_time), delete on campaign to marketing_worker;
create policy look on campaign for select to marketing_worker using (true);
create policy sweep on campaign for delete to marketing_worker using (true);
create policy due on campaign as restrictive for delete to marketing_worker using (campaign.purge_time < now());
grant select (tenant_id, id, purge_time, campaign_id), delete on campaign_member to marketing_worker;
create policy look on campaign_member for select to marketing_worker using (true);
create policy sweep on campaign_member for delete to marketing_worker using (true);
create policy due on campaign_member as restrictive for delete to marketing_worker using (campaign_member.purge_time < now() OR (EXISTS (SELECT 1 FROM campaign AS campaign_1 WHERE campaign_member.tenant_id = campaign_1.tenant_id AND campaign_member.campaign_id = campaign_1.id AND campaign_1.purge_time < now())));
grant select (tenant_id, id, purge_time), delete on segment to marketing_worker;
create policy look on segment for select to marketing_worker using (true);
create policy sweep on segment for delete to marketing_worker using (true);
create policy due on segment as restrictive for delete to marketing_worker using (segment.purge_time < now());
grant select (tenant_id, id, purge_time, segment_id), delete on segment_membership to marketing_worker;
create policy look on segment_membership for select to marketing_worker using (true);
create policy sweep on segment_membership for delete to marketing_worker using (true);
create policy due on segment_membership as restrictive for delete to marketing_worker using (segment_membership.purge_time < now() OR (EXISTS (SELECT 1 FROM segment AS segment_1 WHERE segment_membership.tenant_id = segment_1.tenant_id AND segment_membership.segment_id = segment_1.id AND segment_1.purge_time < now())));
grant select (tenant_id, id) on contact_fact to marketing_worker;
create policy look on contact_fact for select to marketing_worker using (true);
grant select (tenant_id, aggregatetype, aggregateid, sequence, change_time), delete on history to marketing_worker;
create policy look on history for select to marketing_worker using (true);
create policy sweep on history for delete to marketing_worker using (true);
create policy due on history as restrictive for delete to marketing_worker using (change_time < now() - interval '13 months' or case history.aggregatetype when 'marketing.campaign' then NOT (EXISTS (SELECT 1 FROM campaign AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'marketing.campaign_member' then NOT (EXISTS (SELECT 1 FROM campaign_member AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'marketing.segment' then NOT (EXISTS (SELECT 1 FROM segment AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'marketing.segment_membership' then NOT (EXISTS (SELECT 1 FROM segment_membership AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'marketing.contact_fact' then NOT (EXISTS (SELECT 1 FROM contact_fact AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) else false end);
grant select (tenant_id, noun, record_id), delete on external_id to marketing_worker;
create policy look on external_id for select to marketing_worker using (true);
create policy sweep on external_id for delete to marketing_worker using (true);
create policy due on external_id as restrictive for delete to marketing_worker using (case external_id.noun when 'marketing.campaign' then NOT (EXISTS (SELECT 1 FROM campaign AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'marketing.campaign_member' then NOT (EXISTS (SELECT 1 FROM campaign_member AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'marketing.segment' then NOT (EXISTS (SELECT 1 FROM segment AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'marketing.segment_membership' then NOT (EXISTS (SELECT 1 FROM segment_membership AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'marketing.contact_fact' then NOT (EXISTS (SELECT 1 FROM contact_fact AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) else false end);
grant select (tenant_id, noun, record_id), delete on share to marketing_worker;
create policy look on share for select to marketing_worker using (true);
create policy sweep on share for delete to marketing_worker using (true);
create policy due on share as restrictive for delete to marketing_worker using (case share.noun when 'marketing.campaign' then NOT (EXISTS (SELECT 1 FROM campaign AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'marketing.campaign_member' then NOT (EXISTS (SELECT 1 FROM campaign_member AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'marketing.segment' then NOT (EXISTS (SELECT 1 FROM segment AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'marketing.segment_membership' then NOT (EXISTS (SELECT 1 FROM segment_membership AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'marketing.contact_fact' then NOT (EXISTS (SELECT 1 FROM contact_fact AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) else false end);
grant select (tenant_id, noun, record_id), delete on custom_value to marketing_worker;
create policy look on custom_value for select to marketing_worker using (true);
create policy sweep on custom_value for delete to marketing_worker using (true);
create policy due on custom_value as restrictive for delete to marketing_worker using (case custom_value.noun when 'marketing.campaign' then NOT (EXISTS (SELECT 1 FROM campaign AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'marketing.campaign_member' then NOT (EXISTS (SELECT 1 FROM campaign_member AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'marketing.segment' then NOT (EXISTS (SELECT 1 FROM segment AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'marketing.segment_membership' then NOT (EXISTS (SELECT 1 FROM segment_membership AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'marketing.contact_fact' then NOT (EXISTS (SELECT 1 FROM contact_fact AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) else false end);
