CREATE TABLE queue (
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
	serving_team_id UUID, 
	"default" BOOLEAN NOT NULL, 
	description TEXT NOT NULL, 
	CONSTRAINT pk_queue__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX queue_by_create_time ON queue (tenant_id, create_time, id);
CREATE INDEX queue_by_display_name ON queue (tenant_id, display_name, id);
CREATE INDEX queue_by_serving_team_id ON queue (tenant_id, serving_team_id, id);
CREATE INDEX queue_purge ON queue (purge_time) WHERE purge_time IS NOT NULL;
CREATE UNIQUE INDEX uq_queue__default ON queue (tenant_id) WHERE "default" and delete_time is null;
CREATE UNIQUE INDEX uq_queue__display_name ON queue (tenant_id, display_name) WHERE display_name != '' AND delete_time IS NULL;
alter table queue enable row level security;
alter table queue force row level security;
create policy tenant on queue using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE "case" (
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
	number BIGINT NOT NULL, 
	display_name TEXT NOT NULL, 
	display_name_sort TEXT COLLATE "C" NOT NULL, 
	description TEXT NOT NULL, 
	account_id UUID, 
	contact_id UUID, 
	opportunity_id UUID, 
	queue_id UUID, 
	type TEXT, 
	priority TEXT, 
	channel TEXT, 
	state TEXT, 
	resolution TEXT NOT NULL, 
	cancel_reason TEXT NOT NULL, 
	first_response_time TIMESTAMP WITH TIME ZONE, 
	resolved_time TIMESTAMP WITH TIME ZONE, 
	closed_time TIMESTAMP WITH TIME ZONE, 
	reopen_count INTEGER NOT NULL, 
	last_message_time TIMESTAMP WITH TIME ZONE, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_case__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_case__queue_id FOREIGN KEY(tenant_id, queue_id) REFERENCES queue (tenant_id, id)
);
CREATE INDEX case_by_account_id ON "case" (tenant_id, account_id, id);
CREATE INDEX case_by_contact_id ON "case" (tenant_id, contact_id, id);
CREATE INDEX case_by_create_time ON "case" (tenant_id, create_time, id);
CREATE INDEX case_by_display_name ON "case" (tenant_id, display_name_sort, id);
CREATE INDEX case_by_last_message_time ON "case" (tenant_id, last_message_time, id);
CREATE INDEX case_by_last_message_time_desc ON "case" (tenant_id, last_message_time DESC NULLS LAST, id DESC);
CREATE INDEX case_by_number ON "case" (tenant_id, number, id);
CREATE INDEX case_by_opportunity_id ON "case" (tenant_id, opportunity_id, id);
CREATE INDEX case_by_owner_id ON "case" (tenant_id, owner_id, id);
CREATE INDEX case_by_priority ON "case" (tenant_id, priority, id);
CREATE INDEX case_by_priority_desc ON "case" (tenant_id, priority DESC NULLS LAST, id DESC);
CREATE INDEX case_by_queue_id ON "case" (tenant_id, queue_id, id);
CREATE INDEX case_by_resolved_time ON "case" (tenant_id, resolved_time, id);
CREATE INDEX case_by_resolved_time_desc ON "case" (tenant_id, resolved_time DESC NULLS LAST, id DESC);
CREATE INDEX case_by_state ON "case" (tenant_id, state, id);
CREATE INDEX case_by_state_desc ON "case" (tenant_id, state DESC NULLS LAST, id DESC);
CREATE INDEX case_by_team_id ON "case" (tenant_id, team_id, id);
CREATE INDEX case_by_type ON "case" (tenant_id, type, id);
CREATE INDEX case_by_type_desc ON "case" (tenant_id, type DESC NULLS LAST, id DESC);
CREATE INDEX case_purge ON "case" (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX case_search ON "case" USING gin (tenant_id, search_grams);
CREATE UNIQUE INDEX uq_case__number ON "case" (tenant_id, number) WHERE number > 0;
alter table "case" alter column search_grams set statistics 1000;
alter table "case" enable row level security;
alter table "case" force row level security;
create policy tenant on "case" using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE case_message (
	tenant_id UUID NOT NULL, 
	id UUID NOT NULL, 
	create_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	creator_id UUID, 
	owner_id UUID NOT NULL, 
	team_id UUID, 
	case_id UUID, 
	kind TEXT, 
	direction TEXT, 
	author_id UUID, 
	body TEXT NOT NULL, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_case_message__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_case_message__case_id FOREIGN KEY(tenant_id, case_id) REFERENCES "case" (tenant_id, id)
);
CREATE INDEX case_message_by_author_id ON case_message (tenant_id, author_id, id);
CREATE INDEX case_message_by_case_id ON case_message (tenant_id, case_id, id);
CREATE INDEX case_message_by_create_time ON case_message (tenant_id, create_time, id);
CREATE INDEX case_message_by_owner_id ON case_message (tenant_id, owner_id, id);
CREATE INDEX case_message_by_team_id ON case_message (tenant_id, team_id, id);
CREATE INDEX case_message_search ON case_message USING gin (tenant_id, search_grams);
alter table case_message alter column search_grams set statistics 1000;
alter table case_message enable row level security;
alter table case_message force row level security;
create policy tenant on case_message using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE case_number (
	tenant_id UUID NOT NULL, 
	last_number BIGINT NOT NULL, 
	CONSTRAINT pk_case_number__tenant_id PRIMARY KEY (tenant_id)
);
alter table case_number enable row level security;
alter table case_number force row level security;
create policy tenant on case_number using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE opened_case (
	tenant_id UUID NOT NULL, 
	opportunity_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	case_id UUID NOT NULL, 
	CONSTRAINT pk_opened_case__opportunity_id PRIMARY KEY (tenant_id, opportunity_id, kind)
);
alter table opened_case enable row level security;
alter table opened_case force row level security;
create policy tenant on opened_case using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
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
grant select, insert, update on "case" to service_desk_app;
grant select, insert, update on case_message to service_desk_app;
grant select, insert, update on queue to service_desk_app;
grant select, insert, update, delete on case_number to service_desk_app;
grant select, insert, update, delete on opened_case to service_desk_app;
grant select, insert, delete on external_id, custom_value to service_desk_app;
grant select, insert, update, delete on share to service_desk_app;
grant select, insert, update (payload) on history to service_desk_app;
grant select, insert on erased to service_desk_app;
create policy republish on history for select to service_desk_owner using (true);
grant select, insert, update on request to service_desk_app;
grant insert, select (position, lane) on outbox to service_desk_app;
grant select, insert, update on inbox to service_desk_app;
grant select, insert, update on inbox_sequence to service_desk_app;
grant select, insert, update on inbox_offset to service_desk_app;
grant select, insert, update on job to service_desk_app;
grant select, insert, update on saga to service_desk_app;
grant select, delete on outbox to service_desk_worker;
grant select, delete on request to service_desk_worker;
create policy sweep on request to service_desk_worker using (create_time < now() - interval '24 hours');
grant select, update, delete on inbox to service_desk_worker;
grant select, update, delete on inbox_sequence to service_desk_worker;
grant select, update, delete on inbox_offset to service_desk_worker;
grant select, update, delete on job to service_desk_worker;
grant select, update, delete on saga to service_desk_worker;
grant select (tenant_id, id, purge_time), delete on queue to service_desk_worker;
create policy look on queue for select to service_desk_worker using (true);
create policy sweep on queue for delete to service_desk_worker using (true);
create policy due on queue as restrictive for delete to service_desk_worker using (queue.purge_time < now());
grant select (tenant_id, id, purge_time, queue_id), delete on "case" to service_desk_worker;
create policy look on "case" for select to service_desk_worker using (true);
create policy sweep on "case" for delete to service_desk_worker using (true);
create policy due on "case" as restrictive for delete to service_desk_worker using ("case".purge_time < now());
grant select (tenant_id, id, case_id), delete on case_message to service_desk_worker;
create policy look on case_message for select to service_desk_worker using (true);
create policy sweep on case_message for delete to service_desk_worker using (true);
create policy due on case_message as restrictive for delete to service_desk_worker using (EXISTS (SELECT 1 FROM "case" AS case_1 WHERE case_message.tenant_id = case_1.tenant_id AND case_message.case_id = case_1.id AND case_1.purge_time < now()));
grant select (tenant_id, aggregatetype, aggregateid, sequence, change_time), delete on history to service_desk_worker;
create policy look on history for select to service_desk_worker using (true);
create policy sweep on history for delete to service_desk_worker using (true);
create policy due on history as restrictive for delete to service_desk_worker using (change_time < now() - interval '13 months' or case history.aggregatetype when 'service_desk.queue' then NOT (EXISTS (SELECT 1 FROM queue AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'service_desk.case' then NOT (EXISTS (SELECT 1 FROM "case" AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'service_desk.case_message' then NOT (EXISTS (SELECT 1 FROM case_message AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) else false end);
grant select (tenant_id, noun, record_id), delete on external_id to service_desk_worker;
create policy look on external_id for select to service_desk_worker using (true);
create policy sweep on external_id for delete to service_desk_worker using (true);
create policy due on external_id as restrictive for delete to service_desk_worker using (case external_id.noun when 'service_desk.queue' then NOT (EXISTS (SELECT 1 FROM queue AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'service_desk.case' then NOT (EXISTS (SELECT 1 FROM "case" AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'service_desk.case_message' then NOT (EXISTS (SELECT 1 FROM case_message AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) else false end);
grant select (tenant_id, noun, record_id), delete on share to service_desk_worker;
create policy look on share for select to service_desk_worker using (true);
create policy sweep on share for delete to service_desk_worker using (true);
create policy due on share as restrictive for delete to service_desk_worker using (case share.noun when 'service_desk.queue' then NOT (EXISTS (SELECT 1 FROM queue AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'service_desk.case' then NOT (EXISTS (SELECT 1 FROM "case" AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'service_desk.case_message' then NOT (EXISTS (SELECT 1 FROM case_message AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) else false end);
grant select (tenant_id, noun, record_id), delete on custom_value to service_desk_worker;
create policy look on custom_value for select to service_desk_worker using (true);
create policy sweep on custom_value for delete to service_desk_worker using (true);
create policy due on custom_value as restrictive for delete to service_desk_worker using (case custom_value.noun when 'service_desk.queue' then NOT (EXISTS (SELECT 1 FROM queue AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'service_desk.case' then NOT (EXISTS (SELECT 1 FROM "case" AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'service_desk.case_message' then NOT (EXISTS (SELECT 1 FROM case_message AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) else false end);
