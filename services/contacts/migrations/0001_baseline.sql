CREATE TABLE account (
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
	legal_name TEXT NOT NULL, 
	registration_number TEXT NOT NULL, 
	website TEXT NOT NULL, 
	industry TEXT NOT NULL, 
	type TEXT, 
	employee_count INTEGER NOT NULL, 
	annual_revenue NUMERIC(28, 9), 
	annual_revenue_currency TEXT, 
	annual_revenue_base NUMERIC(28, 9), 
	region TEXT NOT NULL, 
	phones JSONB NOT NULL, 
	emails JSONB NOT NULL, 
	billing_address JSONB, 
	shipping_address JSONB, 
	parent_id UUID, 
	source TEXT NOT NULL, 
	description TEXT NOT NULL, 
	last_interaction_time TIMESTAMP WITH TIME ZONE, 
	won_opportunity_count INTEGER NOT NULL, 
	last_won_time TIMESTAMP WITH TIME ZONE, 
	tag_ids UUID[] NOT NULL, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_account__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_account__parent_id FOREIGN KEY(tenant_id, parent_id) REFERENCES account (tenant_id, id)
);
CREATE INDEX account_by_annual_revenue ON account (tenant_id, annual_revenue_base, id);
CREATE INDEX account_by_annual_revenue_desc ON account (tenant_id, annual_revenue_base DESC NULLS LAST, id DESC);
CREATE INDEX account_by_create_time ON account (tenant_id, create_time, id);
CREATE INDEX account_by_display_name ON account (tenant_id, display_name_sort, id);
CREATE INDEX account_by_industry ON account (tenant_id, industry, id);
CREATE INDEX account_by_last_interaction_time ON account (tenant_id, last_interaction_time, id);
CREATE INDEX account_by_last_interaction_time_desc ON account (tenant_id, last_interaction_time DESC NULLS LAST, id DESC);
CREATE INDEX account_by_last_won_time ON account (tenant_id, last_won_time, id);
CREATE INDEX account_by_last_won_time_desc ON account (tenant_id, last_won_time DESC NULLS LAST, id DESC);
CREATE INDEX account_by_owner_id ON account (tenant_id, owner_id, id);
CREATE INDEX account_by_parent_id ON account (tenant_id, parent_id, id);
CREATE INDEX account_by_region ON account (tenant_id, region, id);
CREATE INDEX account_by_team_id ON account (tenant_id, team_id, id);
CREATE INDEX account_purge ON account (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX account_search ON account USING gin (tenant_id, search_grams);
CREATE INDEX account_with_emails ON account USING gin (tenant_id, emails jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX account_with_phones ON account USING gin (tenant_id, phones jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX account_with_tag_ids ON account USING gin (tenant_id, tag_ids) WITH (fastupdate = off);
CREATE UNIQUE INDEX uq_account__registration_number ON account (tenant_id, registration_number) WHERE registration_number != '' AND delete_time IS NULL;
alter table account alter column search_grams set statistics 1000;
alter table account enable row level security;
alter table account force row level security;
create policy tenant on account using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE import_job (
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
	noun TEXT NOT NULL, 
	file_name TEXT NOT NULL, 
	state TEXT, 
	encoding TEXT NOT NULL, 
	delimiter TEXT NOT NULL, 
	columns TEXT[] NOT NULL, 
	mapping JSONB NOT NULL, 
	mode TEXT, 
	key_fields TEXT[] NOT NULL, 
	external_system TEXT NOT NULL, 
	dry_run BOOLEAN NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	progress JSONB, 
	problem TEXT NOT NULL, 
	encoding_certainty TEXT, 
	quote TEXT NOT NULL, 
	header TEXT, 
	skip_bad_values BOOLEAN NOT NULL, 
	currency_code TEXT NOT NULL, 
	CONSTRAINT pk_import_job__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX import_job_by_create_time ON import_job (tenant_id, create_time, id);
CREATE INDEX import_job_by_owner_id ON import_job (tenant_id, owner_id, id);
CREATE INDEX import_job_by_state ON import_job (tenant_id, state, id);
CREATE INDEX import_job_by_state_desc ON import_job (tenant_id, state DESC NULLS LAST, id DESC);
CREATE INDEX import_job_by_team_id ON import_job (tenant_id, team_id, id);
CREATE INDEX import_job_purge ON import_job (purge_time) WHERE purge_time IS NOT NULL;
alter table import_job enable row level security;
alter table import_job force row level security;
create policy tenant on import_job using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE saved_view (
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
	display_name TEXT NOT NULL, 
	noun TEXT NOT NULL, 
	filter TEXT NOT NULL, 
	order_by TEXT NOT NULL, 
	columns TEXT[] NOT NULL, 
	shared BOOLEAN NOT NULL, 
	CONSTRAINT pk_saved_view__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX saved_view_by_create_time ON saved_view (tenant_id, create_time, id);
CREATE INDEX saved_view_by_display_name ON saved_view (tenant_id, display_name, id);
CREATE INDEX saved_view_by_owner_id ON saved_view (tenant_id, owner_id, id);
CREATE INDEX saved_view_by_team_id ON saved_view (tenant_id, team_id, id);
CREATE INDEX saved_view_purge ON saved_view (purge_time) WHERE purge_time IS NOT NULL;
alter table saved_view enable row level security;
alter table saved_view force row level security;
create policy tenant on saved_view using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE tag (
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
	color TEXT NOT NULL, 
	description TEXT NOT NULL, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_tag__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX tag_by_create_time ON tag (tenant_id, create_time, id);
CREATE INDEX tag_by_display_name ON tag (tenant_id, display_name_sort, id);
CREATE INDEX tag_purge ON tag (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX tag_search ON tag USING gin (tenant_id, search_grams);
CREATE UNIQUE INDEX uq_tag__display_name ON tag (tenant_id, display_name) WHERE display_name != '' AND delete_time IS NULL;
alter table tag alter column search_grams set statistics 1000;
alter table tag enable row level security;
alter table tag force row level security;
create policy tenant on tag using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE contact (
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
	salutation TEXT NOT NULL, 
	emails JSONB NOT NULL, 
	phones JSONB NOT NULL, 
	affiliations JSONB NOT NULL, 
	account_id UUID, 
	position TEXT NOT NULL, 
	language TEXT NOT NULL, 
	time_zone TEXT NOT NULL, 
	birthday DATE, 
	preferred_channel TEXT, 
	source TEXT NOT NULL, 
	description TEXT NOT NULL, 
	address JSONB, 
	last_interaction_time TIMESTAMP WITH TIME ZONE, 
	tag_ids UUID[] NOT NULL, 
	affiliated_account_ids UUID[] NOT NULL, 
	id_number TEXT NOT NULL, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_contact__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_contact__account_id FOREIGN KEY(tenant_id, account_id) REFERENCES account (tenant_id, id)
);
CREATE INDEX contact_by_account_id ON contact (tenant_id, account_id, id);
CREATE INDEX contact_by_create_time ON contact (tenant_id, create_time, id);
CREATE INDEX contact_by_display_name ON contact (tenant_id, display_name_sort, id);
CREATE INDEX contact_by_last_interaction_time ON contact (tenant_id, last_interaction_time, id);
CREATE INDEX contact_by_last_interaction_time_desc ON contact (tenant_id, last_interaction_time DESC NULLS LAST, id DESC);
CREATE INDEX contact_by_owner_id ON contact (tenant_id, owner_id, id);
CREATE INDEX contact_by_source ON contact (tenant_id, source, id);
CREATE INDEX contact_by_team_id ON contact (tenant_id, team_id, id);
CREATE INDEX contact_purge ON contact (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX contact_search ON contact USING gin (tenant_id, search_grams);
CREATE INDEX contact_with_affiliated_account_ids ON contact USING gin (tenant_id, affiliated_account_ids) WITH (fastupdate = off);
CREATE INDEX contact_with_emails ON contact USING gin (tenant_id, emails jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX contact_with_phones ON contact USING gin (tenant_id, phones jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX contact_with_tag_ids ON contact USING gin (tenant_id, tag_ids) WITH (fastupdate = off);
alter table contact alter column search_grams set statistics 1000;
alter table contact enable row level security;
alter table contact force row level security;
create policy tenant on contact using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE interaction (
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
	kind TEXT NOT NULL, 
	direction TEXT, 
	interaction_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	summary TEXT NOT NULL, 
	body TEXT NOT NULL, 
	account_id UUID, 
	contact_id UUID, 
	duration INTERVAL, 
	source TEXT NOT NULL, 
	source_record TEXT NOT NULL, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_interaction__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_interaction__account_id FOREIGN KEY(tenant_id, account_id) REFERENCES account (tenant_id, id), 
	CONSTRAINT fk_interaction__contact_id FOREIGN KEY(tenant_id, contact_id) REFERENCES contact (tenant_id, id)
);
CREATE INDEX interaction_by_account_id ON interaction (tenant_id, account_id, id);
CREATE INDEX interaction_by_contact_id ON interaction (tenant_id, contact_id, id);
CREATE INDEX interaction_by_create_time ON interaction (tenant_id, create_time, id);
CREATE INDEX interaction_by_interaction_time ON interaction (tenant_id, interaction_time, id);
CREATE INDEX interaction_by_owner_id ON interaction (tenant_id, owner_id, id);
CREATE INDEX interaction_by_team_id ON interaction (tenant_id, team_id, id);
CREATE INDEX interaction_of_account ON interaction (tenant_id, account_id, interaction_time, id);
CREATE INDEX interaction_of_contact ON interaction (tenant_id, contact_id, interaction_time, id);
CREATE INDEX interaction_purge ON interaction (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX interaction_search ON interaction USING gin (tenant_id, search_grams);
CREATE UNIQUE INDEX uq_interaction__source ON interaction (tenant_id, source) WHERE source != '' AND delete_time IS NULL;
alter table interaction alter column search_grams set statistics 1000;
alter table interaction enable row level security;
alter table interaction force row level security;
create policy tenant on interaction using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE note (
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
	body TEXT NOT NULL, 
	account_id UUID, 
	contact_id UUID, 
	subject TEXT NOT NULL, 
	pinned BOOLEAN NOT NULL, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_note__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_note__account_id FOREIGN KEY(tenant_id, account_id) REFERENCES account (tenant_id, id), 
	CONSTRAINT fk_note__contact_id FOREIGN KEY(tenant_id, contact_id) REFERENCES contact (tenant_id, id)
);
CREATE INDEX note_by_account_id ON note (tenant_id, account_id, id);
CREATE INDEX note_by_contact_id ON note (tenant_id, contact_id, id);
CREATE INDEX note_by_create_time ON note (tenant_id, create_time, id);
CREATE INDEX note_by_owner_id ON note (tenant_id, owner_id, id);
CREATE INDEX note_by_team_id ON note (tenant_id, team_id, id);
CREATE INDEX note_purge ON note (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX note_search ON note USING gin (tenant_id, search_grams);
alter table note alter column search_grams set statistics 1000;
alter table note enable row level security;
alter table note force row level security;
create policy tenant on note using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE task (
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
	description TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	account_id UUID, 
	contact_id UUID, 
	due_time TIMESTAMP WITH TIME ZONE, 
	priority TEXT, 
	state TEXT, 
	complete_time TIMESTAMP WITH TIME ZONE, 
	reminder_time TIMESTAMP WITH TIME ZONE, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_task__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_task__account_id FOREIGN KEY(tenant_id, account_id) REFERENCES account (tenant_id, id), 
	CONSTRAINT fk_task__contact_id FOREIGN KEY(tenant_id, contact_id) REFERENCES contact (tenant_id, id)
);
CREATE INDEX task_by_account_id ON task (tenant_id, account_id, id);
CREATE INDEX task_by_contact_id ON task (tenant_id, contact_id, id);
CREATE INDEX task_by_create_time ON task (tenant_id, create_time, id);
CREATE INDEX task_by_due_time ON task (tenant_id, due_time, id);
CREATE INDEX task_by_due_time_desc ON task (tenant_id, due_time DESC NULLS LAST, id DESC);
CREATE INDEX task_by_owner_id ON task (tenant_id, owner_id, id);
CREATE INDEX task_by_state ON task (tenant_id, state, id);
CREATE INDEX task_by_state_desc ON task (tenant_id, state DESC NULLS LAST, id DESC);
CREATE INDEX task_by_team_id ON task (tenant_id, team_id, id);
CREATE INDEX task_purge ON task (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX task_search ON task USING gin (tenant_id, search_grams);
alter table task alter column search_grams set statistics 1000;
alter table task enable row level security;
alter table task force row level security;
create policy tenant on task using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE purchase (
	tenant_id UUID NOT NULL, 
	opportunity_id UUID NOT NULL, 
	account_id UUID, 
	won BOOLEAN NOT NULL, 
	won_time TIMESTAMP WITH TIME ZONE, 
	sequence BIGINT NOT NULL, 
	CONSTRAINT pk_purchase__opportunity_id PRIMARY KEY (tenant_id, opportunity_id)
);
CREATE INDEX purchase_by_account ON purchase (tenant_id, account_id);
alter table purchase enable row level security;
alter table purchase force row level security;
create policy tenant on purchase using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE known_name (
	tenant_id UUID NOT NULL, 
	record_id UUID NOT NULL, 
	display_name TEXT NOT NULL, 
	sequence BIGINT NOT NULL, 
	CONSTRAINT pk_known_name__record_id PRIMARY KEY (tenant_id, record_id)
);
alter table known_name enable row level security;
alter table known_name force row level security;
create policy tenant on known_name using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE import_content (
	tenant_id UUID NOT NULL, 
	import_job_id UUID NOT NULL, 
	start BIGINT NOT NULL, 
	content BYTEA NOT NULL, 
	CONSTRAINT pk_import_content__offset PRIMARY KEY (tenant_id, import_job_id, start), 
	CONSTRAINT fk__import_job_id FOREIGN KEY(tenant_id, import_job_id) REFERENCES import_job (tenant_id, id) ON DELETE cascade
);
alter table import_content enable row level security;
alter table import_content force row level security;
create policy tenant on import_content using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE import_error (
	tenant_id UUID NOT NULL, 
	import_job_id UUID NOT NULL, 
	line BIGINT NOT NULL, 
	number INTEGER NOT NULL, 
	"column" TEXT NOT NULL, 
	field TEXT NOT NULL, 
	value TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	message TEXT NOT NULL, 
	left_out BOOLEAN NOT NULL, 
	CONSTRAINT pk_import_error__line PRIMARY KEY (tenant_id, import_job_id, line, number), 
	CONSTRAINT fk__import_job_id FOREIGN KEY(tenant_id, import_job_id) REFERENCES import_job (tenant_id, id) ON DELETE cascade
);
alter table import_error enable row level security;
alter table import_error force row level security;
create policy tenant on import_error using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE import_row (
	tenant_id UUID NOT NULL, 
	import_job_id UUID NOT NULL, 
	key TEXT NOT NULL, 
	line BIGINT NOT NULL, 
	digest TEXT NOT NULL, 
	record_id UUID, 
	CONSTRAINT pk_import_row__key PRIMARY KEY (tenant_id, import_job_id, key)
);
CREATE INDEX import_row_by_record ON import_row (tenant_id, import_job_id, record_id);
alter table import_row enable row level security;
alter table import_row force row level security;
create policy tenant on import_row using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
create function learn_sizes() returns void language sql security definer set search_path = public, pg_temp as 'analyze account; analyze contact; analyze import_row';
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
grant select, insert, update on account to contacts_app;
grant select, insert, update on contact to contacts_app;
grant select, insert, update on interaction to contacts_app;
grant select, insert, update on import_job to contacts_app;
grant select, insert, update on note to contacts_app;
grant select, insert, update on saved_view to contacts_app;
grant select, insert, update on tag to contacts_app;
grant select, insert, update on task to contacts_app;
grant select, insert, update, delete on purchase to contacts_app;
grant select, insert, update, delete on known_name to contacts_app;
grant select, insert, update, delete on import_content to contacts_app;
grant select, insert, update, delete on import_error to contacts_app;
grant select, insert, update, delete on import_row to contacts_app;
grant select, insert, delete on external_id, custom_value to contacts_app;
grant select, insert, update, delete on share to contacts_app;
grant select, insert, update (payload) on history to contacts_app;
grant select, insert on erased to contacts_app;
create policy republish on history for select to contacts_owner using (true);
grant select, insert, update on request to contacts_app;
grant insert, select (position, lane) on outbox to contacts_app;
grant select, insert, update on inbox to contacts_app;
grant select, insert, update on inbox_sequence to contacts_app;
grant select, insert, update on inbox_offset to contacts_app;
grant select, insert, update on job to contacts_app;
grant select, insert, update on saga to contacts_app;
grant select, delete on outbox to contacts_worker;
grant select, delete on request to contacts_worker;
create policy sweep on request to contacts_worker using (create_time < now() - interval '24 hours');
grant select, update, delete on inbox to contacts_worker;
grant select, update, delete on inbox_sequence to contacts_worker;
grant select, update, delete on inbox_offset to contacts_worker;
grant select, update, delete on job to contacts_worker;
grant select, update, delete on saga to contacts_worker;
grant select (tenant_id, id, purge_time), delete on tag to contacts_worker;
create policy look on tag for select to contacts_worker using (true);
create policy sweep on tag for delete to contacts_worker using (true);
create policy due on tag as restrictive for delete to contacts_worker using (tag.purge_time < now());
grant select (tenant_id, id, purge_time, parent_id, tag_ids), delete on account to contacts_worker;
create policy look on account for select to contacts_worker using (true);
create policy sweep on account for delete to contacts_worker using (true);
create policy due on account as restrictive for delete to contacts_worker using (account.purge_time < now());
grant select (tenant_id, id, purge_time, account_id, tag_ids, affiliated_account_ids), delete on contact to contacts_worker;
create policy look on contact for select to contacts_worker using (true);
create policy sweep on contact for delete to contacts_worker using (true);
create policy due on contact as restrictive for delete to contacts_worker using (contact.purge_time < now());
grant select (tenant_id, id, purge_time, account_id, contact_id), delete on note to contacts_worker;
create policy look on note for select to contacts_worker using (true);
create policy sweep on note for delete to contacts_worker using (true);
create policy due on note as restrictive for delete to contacts_worker using (note.purge_time < now() OR (EXISTS (SELECT 1 FROM contact AS contact_1 WHERE note.tenant_id = contact_1.tenant_id AND note.contact_id = contact_1.id AND contact_1.purge_time < now())) OR note.contact_id IS NULL AND (EXISTS (SELECT 1 FROM account AS account_1 WHERE note.tenant_id = account_1.tenant_id AND note.account_id = account_1.id AND account_1.purge_time < now())));
grant select (tenant_id, id, purge_time, account_id, contact_id), delete on task to contacts_worker;
create policy look on task for select to contacts_worker using (true);
create policy sweep on task for delete to contacts_worker using (true);
create policy due on task as restrictive for delete to contacts_worker using (task.purge_time < now() OR (EXISTS (SELECT 1 FROM contact AS contact_1 WHERE task.tenant_id = contact_1.tenant_id AND task.contact_id = contact_1.id AND contact_1.purge_time < now())) OR task.contact_id IS NULL AND (EXISTS (SELECT 1 FROM account AS account_1 WHERE task.tenant_id = account_1.tenant_id AND task.account_id = account_1.id AND account_1.purge_time < now())));
grant select (tenant_id, id, purge_time, account_id, contact_id), delete on interaction to contacts_worker;
create policy look on interaction for select to contacts_worker using (true);
create policy sweep on interaction for delete to contacts_worker using (true);
create policy due on interaction as restrictive for delete to contacts_worker using (interaction.purge_time < now() OR (EXISTS (SELECT 1 FROM contact AS contact_1 WHERE interaction.tenant_id = contact_1.tenant_id AND interaction.contact_id = contact_1.id AND contact_1.purge_time < now())) OR interaction.contact_id IS NULL AND (EXISTS (SELECT 1 FROM account AS account_1 WHERE interaction.tenant_id = account_1.tenant_id AND interaction.account_id = account_1.id AND account_1.purge_time < now())));
grant select (tenant_id, id, purge_time), delete on saved_view to contacts_worker;
create policy look on saved_view for select to contacts_worker using (true);
create policy sweep on saved_view for delete to contacts_worker using (true);
create policy due on saved_view as restrictive for delete to contacts_worker using (saved_view.purge_time < now());
grant select (tenant_id, id, purge_time), delete on import_job to contacts_worker;
create policy look on import_job for select to contacts_worker using (true);
create policy sweep on import_job for delete to contacts_worker using (true);
create policy due on import_job as restrictive for delete to contacts_worker using (import_job.purge_time < now());
grant select (tenant_id, aggregatetype, aggregateid, sequence, change_time), delete on history to contacts_worker;
create policy look on history for select to contacts_worker using (true);
create policy sweep on history for delete to contacts_worker using (true);
create policy due on history as restrictive for delete to contacts_worker using (change_time < now() - interval '13 months' or case history.aggregatetype when 'contacts.tag' then NOT (EXISTS (SELECT 1 FROM tag AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'contacts.account' then NOT (EXISTS (SELECT 1 FROM account AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'contacts.contact' then NOT (EXISTS (SELECT 1 FROM contact AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'contacts.note' then NOT (EXISTS (SELECT 1 FROM note AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'contacts.task' then NOT (EXISTS (SELECT 1 FROM task AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'contacts.interaction' then NOT (EXISTS (SELECT 1 FROM interaction AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'contacts.saved_view' then NOT (EXISTS (SELECT 1 FROM saved_view AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'contacts.import_job' then NOT (EXISTS (SELECT 1 FROM import_job AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) else false end);
grant select (tenant_id, noun, record_id), delete on external_id to contacts_worker;
create policy look on external_id for select to contacts_worker using (true);
create policy sweep on external_id for delete to contacts_worker using (true);
create policy due on external_id as restrictive for delete to contacts_worker using (case external_id.noun when 'contacts.tag' then NOT (EXISTS (SELECT 1 FROM tag AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'contacts.account' then NOT (EXISTS (SELECT 1 FROM account AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'contacts.contact' then NOT (EXISTS (SELECT 1 FROM contact AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'contacts.note' then NOT (EXISTS (SELECT 1 FROM note AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'contacts.task' then NOT (EXISTS (SELECT 1 FROM task AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'contacts.interaction' then NOT (EXISTS (SELECT 1 FROM interaction AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'contacts.saved_view' then NOT (EXISTS (SELECT 1 FROM saved_view AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'contacts.import_job' then NOT (EXISTS (SELECT 1 FROM import_job AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) else false end);
grant select (tenant_id, noun, record_id), delete on share to contacts_worker;
create policy look on share for select to contacts_worker using (true);
create policy sweep on share for delete to contacts_worker using (true);
create policy due on share as restrictive for delete to contacts_worker using (case share.noun when 'contacts.tag' then NOT (EXISTS (SELECT 1 FROM tag AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'contacts.account' then NOT (EXISTS (SELECT 1 FROM account AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'contacts.contact' then NOT (EXISTS (SELECT 1 FROM contact AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'contacts.note' then NOT (EXISTS (SELECT 1 FROM note AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'contacts.task' then NOT (EXISTS (SELECT 1 FROM task AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'contacts.interaction' then NOT (EXISTS (SELECT 1 FROM interaction AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'contacts.saved_view' then NOT (EXISTS (SELECT 1 FROM saved_view AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'contacts.import_job' then NOT (EXISTS (SELECT 1 FROM import_job AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) else false end);
grant select (tenant_id, noun, record_id), delete on custom_value to contacts_worker;
create policy look on custom_value for select to contacts_worker using (true);
create policy sweep on custom_value for delete to contacts_worker using (true);
create policy due on custom_value as restrictive for delete to contacts_worker using (case custom_value.noun when 'contacts.tag' then NOT (EXISTS (SELECT 1 FROM tag AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'contacts.account' then NOT (EXISTS (SELECT 1 FROM account AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'contacts.contact' then NOT (EXISTS (SELECT 1 FROM contact AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'contacts.note' then NOT (EXISTS (SELECT 1 FROM note AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'contacts.task' then NOT (EXISTS (SELECT 1 FROM task AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'contacts.interaction' then NOT (EXISTS (SELECT 1 FROM interaction AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'contacts.saved_view' then NOT (EXISTS (SELECT 1 FROM saved_view AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'contacts.import_job' then NOT (EXISTS (SELECT 1 FROM import_job AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) else false end);
