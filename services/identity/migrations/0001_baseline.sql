CREATE TABLE tenant (
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
	slug TEXT NOT NULL, 
	state TEXT, 
	default_locale TEXT NOT NULL, 
	default_time_zone TEXT NOT NULL, 
	base_currency TEXT NOT NULL, 
	fiscal_year_start_month INTEGER NOT NULL, 
	exchange_rates JSONB NOT NULL, 
	branding JSONB, 
	security_policy JSONB, 
	feature_flags TEXT[] NOT NULL, 
	CONSTRAINT pk_tenant__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX tenant_by_create_time ON tenant (tenant_id, create_time, id);
CREATE INDEX tenant_purge ON tenant (purge_time) WHERE purge_time IS NOT NULL;
CREATE UNIQUE INDEX uq_tenant__slug ON tenant (slug) WHERE delete_time IS NULL;
alter table tenant enable row level security;
alter table tenant force row level security;
create policy tenant on tenant using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
create policy shown on tenant for select using (slug = nullif(current_setting('kith.shown', true), ''));
create policy overseen on tenant for select using (current_setting('kith.oversees', true) = 'tenants');
CREATE TABLE "user" (
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
	external_ids JSONB NOT NULL, 
	email TEXT NOT NULL, 
	email_sort TEXT COLLATE "C" NOT NULL, 
	display_name TEXT NOT NULL, 
	display_name_sort TEXT COLLATE "C" NOT NULL, 
	family_name TEXT NOT NULL, 
	given_name TEXT NOT NULL, 
	position TEXT NOT NULL, 
	locale TEXT NOT NULL, 
	time_zone TEXT NOT NULL, 
	primary_team_id UUID, 
	team_ids UUID[] NOT NULL, 
	role_ids UUID[] NOT NULL, 
	state TEXT, 
	last_sign_in_time TIMESTAMP WITH TIME ZONE, 
	successor_id UUID, 
	functions TEXT[] NOT NULL, 
	holding_team_id UUID, 
	manager_id UUID, 
	mfa_methods TEXT[] NOT NULL, 
	date_format TEXT, 
	number_format TEXT, 
	theme TEXT, 
	first_day_of_week TEXT, 
	notification_channels TEXT[] NOT NULL, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_user__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX user_by_create_time ON "user" (tenant_id, create_time, id);
CREATE INDEX user_by_display_name ON "user" (tenant_id, display_name_sort, id);
CREATE INDEX user_by_email ON "user" (tenant_id, email_sort, id);
CREATE INDEX user_by_holding_team_id ON "user" (tenant_id, holding_team_id, id);
CREATE INDEX user_by_manager_id ON "user" (tenant_id, manager_id, id);
CREATE INDEX user_by_primary_team_id ON "user" (tenant_id, primary_team_id, id);
CREATE INDEX user_by_state ON "user" (tenant_id, state, id);
CREATE INDEX user_by_state_desc ON "user" (tenant_id, state DESC NULLS LAST, id DESC);
CREATE INDEX user_by_successor_id ON "user" (tenant_id, successor_id, id);
CREATE INDEX user_email ON "user" (email);
CREATE INDEX user_purge ON "user" (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX user_search ON "user" USING gin (tenant_id, search_grams);
CREATE UNIQUE INDEX uq_user__email ON "user" (tenant_id, email) WHERE email != '' AND delete_time IS NULL;
alter table "user" alter column search_grams set statistics 1000;
alter table "user" enable row level security;
alter table "user" force row level security;
create policy tenant on "user" using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
create policy shown on "user" for select using (email = nullif(current_setting('kith.shown', true), ''));
CREATE TABLE field_definition (
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
	object TEXT NOT NULL, 
	code TEXT NOT NULL, 
	type TEXT NOT NULL, 
	label_zh TEXT NOT NULL, 
	label_en TEXT NOT NULL, 
	required BOOLEAN NOT NULL, 
	"unique" BOOLEAN NOT NULL, 
	searchable BOOLEAN NOT NULL, 
	sensitive BOOLEAN NOT NULL, 
	personal TEXT, 
	options JSONB NOT NULL, 
	default_value TEXT NOT NULL, 
	formula TEXT NOT NULL, 
	target TEXT NOT NULL, 
	state TEXT, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_field_definition__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX field_definition_by_code ON field_definition (tenant_id, code, id);
CREATE INDEX field_definition_by_create_time ON field_definition (tenant_id, create_time, id);
CREATE INDEX field_definition_by_object ON field_definition (tenant_id, object, id);
CREATE INDEX field_definition_by_state ON field_definition (tenant_id, state, id);
CREATE INDEX field_definition_by_state_desc ON field_definition (tenant_id, state DESC NULLS LAST, id DESC);
CREATE INDEX field_definition_purge ON field_definition (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX field_definition_search ON field_definition USING gin (tenant_id, search_grams);
CREATE UNIQUE INDEX uq_field_definition__code ON field_definition (tenant_id, object, code) WHERE delete_time IS NULL;
alter table field_definition alter column search_grams set statistics 1000;
alter table field_definition enable row level security;
alter table field_definition force row level security;
create policy tenant on field_definition using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE role (
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
	system BOOLEAN NOT NULL, 
	grants JSONB NOT NULL, 
	field_rights JSONB NOT NULL, 
	base_id UUID, 
	mode TEXT, 
	closed_nouns TEXT[] NOT NULL, 
	functions TEXT[] NOT NULL, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_role__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_role__base_id FOREIGN KEY(tenant_id, base_id) REFERENCES role (tenant_id, id)
);
CREATE INDEX role_by_base_id ON role (tenant_id, base_id, id);
CREATE INDEX role_by_create_time ON role (tenant_id, create_time, id);
CREATE INDEX role_by_display_name ON role (tenant_id, display_name_sort, id);
CREATE INDEX role_purge ON role (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX role_search ON role USING gin (tenant_id, search_grams);
CREATE UNIQUE INDEX uq_role__display_name ON role (tenant_id, display_name) WHERE display_name != '' AND delete_time IS NULL;
alter table role alter column search_grams set statistics 1000;
alter table role enable row level security;
alter table role force row level security;
create policy tenant on role using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE service_account (
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
	role_ids UUID[] NOT NULL, 
	state TEXT, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_service_account__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX service_account_by_create_time ON service_account (tenant_id, create_time, id);
CREATE INDEX service_account_by_display_name ON service_account (tenant_id, display_name_sort, id);
CREATE INDEX service_account_purge ON service_account (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX service_account_search ON service_account USING gin (tenant_id, search_grams);
alter table service_account alter column search_grams set statistics 1000;
alter table service_account enable row level security;
alter table service_account force row level security;
create policy tenant on service_account using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE team (
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
	external_ids JSONB NOT NULL, 
	display_name TEXT NOT NULL, 
	display_name_sort TEXT COLLATE "C" NOT NULL, 
	parent_id UUID, 
	manager_id UUID, 
	functions TEXT[] NOT NULL, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_team__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX team_by_create_time ON team (tenant_id, create_time, id);
CREATE INDEX team_by_display_name ON team (tenant_id, display_name_sort, id);
CREATE INDEX team_by_manager_id ON team (tenant_id, manager_id, id);
CREATE INDEX team_by_parent_id ON team (tenant_id, parent_id, id);
CREATE INDEX team_purge ON team (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX team_search ON team USING gin (tenant_id, search_grams);
alter table team alter column search_grams set statistics 1000;
alter table team enable row level security;
alter table team force row level security;
create policy tenant on team using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE audit_entry (
	tenant_id UUID NOT NULL, 
	id UUID NOT NULL, 
	create_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	creator_id UUID, 
	sequence BIGINT NOT NULL, 
	act_time TIMESTAMP WITH TIME ZONE, 
	action TEXT NOT NULL, 
	noun TEXT NOT NULL, 
	resource TEXT NOT NULL, 
	outcome TEXT, 
	reason TEXT NOT NULL, 
	permission TEXT NOT NULL, 
	method TEXT NOT NULL, 
	credential TEXT NOT NULL, 
	address TEXT NOT NULL, 
	times BIGINT NOT NULL, 
	changes JSONB NOT NULL, 
	previous_hash TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_audit_entry__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_entry_action ON audit_entry (tenant_id, action, id);
CREATE INDEX audit_entry_by_create_time ON audit_entry (tenant_id, create_time, id);
CREATE INDEX audit_entry_by_sequence ON audit_entry (tenant_id, sequence, id);
CREATE INDEX audit_entry_creator ON audit_entry (tenant_id, creator_id, id);
CREATE INDEX audit_entry_resource ON audit_entry (tenant_id, resource, id);
alter table audit_entry enable row level security;
alter table audit_entry force row level security;
create policy tenant on audit_entry using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
create function audit_entry_stays() returns trigger language plpgsql as $$
begin raise exception 'audit_entry is append-only' using errcode = 'insufficient_privilege'; end $$;
create trigger stays before update or delete or truncate on audit_entry
  for each statement execute function audit_entry_stays();
CREATE TABLE legal_hold (
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
	identifiers TEXT NOT NULL, 
	nouns TEXT[] NOT NULL, 
	reason TEXT NOT NULL, 
	until_date DATE, 
	state TEXT, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_legal_hold__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX legal_hold_by_create_time ON legal_hold (tenant_id, create_time, id);
CREATE INDEX legal_hold_by_display_name ON legal_hold (tenant_id, display_name_sort, id);
CREATE INDEX legal_hold_purge ON legal_hold (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX legal_hold_search ON legal_hold USING gin (tenant_id, search_grams);
alter table legal_hold alter column search_grams set statistics 1000;
alter table legal_hold enable row level security;
alter table legal_hold force row level security;
create policy tenant on legal_hold using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE privacy_request (
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
	identifiers TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT, 
	due_date DATE, 
	verification TEXT NOT NULL, 
	reject_reason TEXT NOT NULL, 
	rounds INTEGER NOT NULL, 
	results JSONB NOT NULL, 
	end_time TIMESTAMP WITH TIME ZONE, 
	certificate TEXT NOT NULL, 
	seal TEXT NOT NULL, 
	CONSTRAINT pk_privacy_request__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX privacy_request_by_create_time ON privacy_request (tenant_id, create_time, id);
CREATE INDEX privacy_request_by_due_date ON privacy_request (tenant_id, due_date, id);
CREATE INDEX privacy_request_by_due_date_desc ON privacy_request (tenant_id, due_date DESC NULLS LAST, id DESC);
CREATE INDEX privacy_request_purge ON privacy_request (purge_time) WHERE purge_time IS NOT NULL;
alter table privacy_request enable row level security;
alter table privacy_request force row level security;
create policy tenant on privacy_request using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE identity_provider (
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
	issuer TEXT NOT NULL, 
	client_id TEXT NOT NULL, 
	scopes TEXT[] NOT NULL, 
	state TEXT, 
	jit BOOLEAN NOT NULL, 
	default_role_ids UUID[] NOT NULL, 
	group_claim TEXT NOT NULL, 
	group_mappings JSONB NOT NULL, 
	trust_amr BOOLEAN NOT NULL, 
	email_domains TEXT[] NOT NULL, 
	test_time TIMESTAMP WITH TIME ZONE, 
	client_secret_time TIMESTAMP WITH TIME ZONE, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_identity_provider__id PRIMARY KEY (tenant_id, id)
);
CREATE INDEX identity_provider_by_create_time ON identity_provider (tenant_id, create_time, id);
CREATE INDEX identity_provider_by_display_name ON identity_provider (tenant_id, display_name_sort, id);
CREATE INDEX identity_provider_by_state ON identity_provider (tenant_id, state, id);
CREATE INDEX identity_provider_by_state_desc ON identity_provider (tenant_id, state DESC NULLS LAST, id DESC);
CREATE INDEX identity_provider_purge ON identity_provider (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX identity_provider_search ON identity_provider USING gin (tenant_id, search_grams);
alter table identity_provider alter column search_grams set statistics 1000;
alter table identity_provider enable row level security;
alter table identity_provider force row level security;
create policy tenant on identity_provider using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
create policy shown on identity_provider for select using (id::text = nullif(current_setting('kith.shown', true), ''));
CREATE TABLE api_key (
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
	user_id UUID, 
	prefix TEXT NOT NULL, 
	scopes TEXT[] NOT NULL, 
	expire_time TIMESTAMP WITH TIME ZONE, 
	last_used_time TIMESTAMP WITH TIME ZONE, 
	state TEXT, 
	service_account_id UUID, 
	rotate_time TIMESTAMP WITH TIME ZONE, 
	previous_secret_end_time TIMESTAMP WITH TIME ZONE, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_api_key__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_api_key__user_id FOREIGN KEY(tenant_id, user_id) REFERENCES "user" (tenant_id, id), 
	CONSTRAINT fk_api_key__service_account_id FOREIGN KEY(tenant_id, service_account_id) REFERENCES service_account (tenant_id, id)
);
CREATE INDEX api_key_by_create_time ON api_key (tenant_id, create_time, id);
CREATE INDEX api_key_by_display_name ON api_key (tenant_id, display_name_sort, id);
CREATE INDEX api_key_by_service_account_id ON api_key (tenant_id, service_account_id, id);
CREATE INDEX api_key_by_user_id ON api_key (tenant_id, user_id, id);
CREATE INDEX api_key_purge ON api_key (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX api_key_search ON api_key USING gin (tenant_id, search_grams);
alter table api_key alter column search_grams set statistics 1000;
alter table api_key enable row level security;
alter table api_key force row level security;
create policy tenant on api_key using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE session (
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
	device TEXT NOT NULL, 
	auth_methods TEXT[] NOT NULL, 
	expire_time TIMESTAMP WITH TIME ZONE, 
	state TEXT, 
	end_time TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_session__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_session__owner_id FOREIGN KEY(tenant_id, owner_id) REFERENCES "user" (tenant_id, id), 
	CONSTRAINT fk_session__team_id FOREIGN KEY(tenant_id, team_id) REFERENCES team (tenant_id, id)
);
CREATE INDEX session_by_create_time ON session (tenant_id, create_time, id);
CREATE INDEX session_by_owner_id ON session (tenant_id, owner_id, id);
CREATE INDEX session_by_team_id ON session (tenant_id, team_id, id);
CREATE INDEX session_purge ON session (purge_time) WHERE purge_time IS NOT NULL;
alter table session enable row level security;
alter table session force row level security;
create policy tenant on session using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE sharing_rule (
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
	noun TEXT NOT NULL, 
	filter TEXT NOT NULL, 
	user_id UUID, 
	team_id UUID, 
	level TEXT NOT NULL, 
	search_grams TEXT[] NOT NULL, 
	CONSTRAINT pk_sharing_rule__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_sharing_rule__user_id FOREIGN KEY(tenant_id, user_id) REFERENCES "user" (tenant_id, id), 
	CONSTRAINT fk_sharing_rule__team_id FOREIGN KEY(tenant_id, team_id) REFERENCES team (tenant_id, id)
);
CREATE INDEX sharing_rule_by_create_time ON sharing_rule (tenant_id, create_time, id);
CREATE INDEX sharing_rule_by_display_name ON sharing_rule (tenant_id, display_name_sort, id);
CREATE INDEX sharing_rule_by_team_id ON sharing_rule (tenant_id, team_id, id);
CREATE INDEX sharing_rule_by_user_id ON sharing_rule (tenant_id, user_id, id);
CREATE INDEX sharing_rule_purge ON sharing_rule (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX sharing_rule_search ON sharing_rule USING gin (tenant_id, search_grams);
CREATE UNIQUE INDEX uq_sharing_rule__display_name ON sharing_rule (tenant_id, display_name) WHERE display_name != '' AND delete_time IS NULL;
alter table sharing_rule alter column search_grams set statistics 1000;
alter table sharing_rule enable row level security;
alter table sharing_rule force row level security;
create policy tenant on sharing_rule using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE external_identity (
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
	identity_provider_id UUID NOT NULL, 
	subject TEXT NOT NULL, 
	email TEXT NOT NULL, 
	CONSTRAINT pk_external_identity__id PRIMARY KEY (tenant_id, id), 
	CONSTRAINT fk_external_identity__owner_id FOREIGN KEY(tenant_id, owner_id) REFERENCES "user" (tenant_id, id), 
	CONSTRAINT fk_external_identity__team_id FOREIGN KEY(tenant_id, team_id) REFERENCES team (tenant_id, id), 
	CONSTRAINT fk_external_identity__identity_provider_id FOREIGN KEY(tenant_id, identity_provider_id) REFERENCES identity_provider (tenant_id, id)
);
CREATE INDEX external_identity_by_create_time ON external_identity (tenant_id, create_time, id);
CREATE INDEX external_identity_by_identity_provider_id ON external_identity (tenant_id, identity_provider_id, id);
CREATE INDEX external_identity_by_owner_id ON external_identity (tenant_id, owner_id, id);
CREATE INDEX external_identity_by_team_id ON external_identity (tenant_id, team_id, id);
CREATE INDEX external_identity_purge ON external_identity (purge_time) WHERE purge_time IS NOT NULL;
CREATE UNIQUE INDEX uq_external_identity__subject ON external_identity (tenant_id, identity_provider_id, subject) WHERE delete_time is null;
alter table external_identity enable row level security;
alter table external_identity force row level security;
create policy tenant on external_identity using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
ALTER TABLE "user" ADD CONSTRAINT fk_user__holding_team_id FOREIGN KEY(tenant_id, holding_team_id) REFERENCES team (tenant_id, id);
ALTER TABLE "user" ADD CONSTRAINT fk_user__manager_id FOREIGN KEY(tenant_id, manager_id) REFERENCES "user" (tenant_id, id);
ALTER TABLE "user" ADD CONSTRAINT fk_user__primary_team_id FOREIGN KEY(tenant_id, primary_team_id) REFERENCES team (tenant_id, id);
ALTER TABLE "user" ADD CONSTRAINT fk_user__successor_id FOREIGN KEY(tenant_id, successor_id) REFERENCES "user" (tenant_id, id);
ALTER TABLE team ADD CONSTRAINT fk_team__manager_id FOREIGN KEY(tenant_id, manager_id) REFERENCES "user" (tenant_id, id);
ALTER TABLE team ADD CONSTRAINT fk_team__parent_id FOREIGN KEY(tenant_id, parent_id) REFERENCES team (tenant_id, id);
CREATE TABLE credential (
	tenant_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	password_hash TEXT NOT NULL, 
	change_time TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
	PRIMARY KEY (tenant_id, user_id), 
	CONSTRAINT fk__user_id FOREIGN KEY(tenant_id, user_id) REFERENCES "user" (tenant_id, id) ON DELETE cascade
);
alter table credential enable row level security;
alter table credential force row level security;
create policy tenant on credential using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE refresh_family (
	tenant_id UUID NOT NULL, 
	session_id UUID NOT NULL, 
	seed BYTEA NOT NULL, 
	generation BIGINT NOT NULL, 
	turn_time TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
	PRIMARY KEY (tenant_id, session_id), 
	CONSTRAINT fk__session_id FOREIGN KEY(tenant_id, session_id) REFERENCES session (tenant_id, id) ON DELETE cascade
);
alter table refresh_family enable row level security;
alter table refresh_family force row level security;
create policy tenant on refresh_family using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE secret (
	tenant_id UUID NOT NULL, 
	digest BYTEA NOT NULL, 
	session_id UUID, 
	api_key_id UUID, 
	end_time TIMESTAMP WITH TIME ZONE, 
	PRIMARY KEY (tenant_id, digest), 
	CONSTRAINT fk__session_id FOREIGN KEY(tenant_id, session_id) REFERENCES session (tenant_id, id) ON DELETE cascade, 
	CONSTRAINT fk__api_key_id FOREIGN KEY(tenant_id, api_key_id) REFERENCES api_key (tenant_id, id) ON DELETE cascade
);
CREATE INDEX secret_of_api_key ON secret (tenant_id, api_key_id);
CREATE INDEX secret_of_session ON secret (tenant_id, session_id);
CREATE UNIQUE INDEX secret_digest ON secret (digest);
alter table secret enable row level security;
alter table secret force row level security;
create policy tenant on secret using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
create policy shown on secret for select using (encode(digest, 'hex') = nullif(current_setting('kith.shown', true), ''));
CREATE TABLE totp (
	tenant_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	sealed BYTEA, 
	waiting BYTEA, 
	last_step BIGINT DEFAULT 0 NOT NULL, 
	PRIMARY KEY (tenant_id, user_id), 
	CONSTRAINT fk__user_id FOREIGN KEY(tenant_id, user_id) REFERENCES "user" (tenant_id, id) ON DELETE cascade
);
alter table totp enable row level security;
alter table totp force row level security;
create policy tenant on totp using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE recovery_code (
	tenant_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	digest BYTEA NOT NULL, 
	PRIMARY KEY (tenant_id, user_id, digest), 
	CONSTRAINT fk__user_id FOREIGN KEY(tenant_id, user_id) REFERENCES "user" (tenant_id, id) ON DELETE cascade
);
alter table recovery_code enable row level security;
alter table recovery_code force row level security;
create policy tenant on recovery_code using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE link (
	tenant_id UUID NOT NULL, 
	digest BYTEA NOT NULL, 
	user_id UUID NOT NULL, 
	purpose TEXT NOT NULL, 
	email TEXT NOT NULL, 
	expire_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	PRIMARY KEY (tenant_id, digest), 
	CONSTRAINT fk__user_id FOREIGN KEY(tenant_id, user_id) REFERENCES "user" (tenant_id, id) ON DELETE cascade
);
CREATE INDEX link_expire_time ON link (tenant_id, expire_time);
CREATE INDEX link_of_user ON link (tenant_id, user_id);
CREATE UNIQUE INDEX link_digest ON link (digest);
alter table link enable row level security;
alter table link force row level security;
create policy tenant on link using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
create policy shown on link for select using (encode(digest, 'hex') = nullif(current_setting('kith.shown', true), ''));
CREATE TABLE data_key (
	tenant_id UUID NOT NULL, 
	version BIGINT NOT NULL, 
	wrapped BYTEA NOT NULL, 
	begin_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	PRIMARY KEY (tenant_id, version)
);
alter table data_key enable row level security;
alter table data_key force row level security;
create policy tenant on data_key using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE audit_head (
	tenant_id UUID NOT NULL, 
	sequence BIGINT NOT NULL, 
	hash TEXT NOT NULL, 
	seal TEXT NOT NULL, 
	PRIMARY KEY (tenant_id)
);
alter table audit_head enable row level security;
alter table audit_head force row level security;
create policy tenant on audit_head using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE audit_key (
	tenant_id UUID NOT NULL, 
	resource TEXT NOT NULL, 
	salt BYTEA NOT NULL, 
	PRIMARY KEY (tenant_id, resource)
);
alter table audit_key enable row level security;
alter table audit_key force row level security;
create policy tenant on audit_key using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE principal_version (
	tenant_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	version BIGINT NOT NULL, 
	PRIMARY KEY (tenant_id, user_id)
);
alter table principal_version enable row level security;
alter table principal_version force row level security;
create policy tenant on principal_version using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE shared_with (
	tenant_id UUID NOT NULL, 
	grantee_id UUID NOT NULL, 
	noun TEXT NOT NULL, 
	user_id UUID, 
	PRIMARY KEY (tenant_id, grantee_id, noun)
);
alter table shared_with enable row level security;
alter table shared_with force row level security;
create policy tenant on shared_with using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE principal_change (
	position BIGINT GENERATED ALWAYS AS IDENTITY, 
	tenant_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	kid TEXT, 
	create_time TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
	PRIMARY KEY (position)
);
CREATE INDEX principal_change_time ON principal_change (create_time);
CREATE TABLE sign_in_attempt (
	position BIGINT GENERATED ALWAYS AS IDENTITY, 
	account BYTEA NOT NULL, 
	place BYTEA NOT NULL, 
	known BOOLEAN NOT NULL, 
	create_time TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
	PRIMARY KEY (position)
);
CREATE INDEX sign_in_attempt_account ON sign_in_attempt (account, create_time);
CREATE INDEX sign_in_attempt_place ON sign_in_attempt (place, create_time);
CREATE TABLE signing_key (
	kid TEXT NOT NULL, 
	sealed BYTEA NOT NULL, 
	create_time TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
	begin_time TIMESTAMP WITH TIME ZONE, 
	end_time TIMESTAMP WITH TIME ZONE, 
	PRIMARY KEY (kid)
);
create function principal_changed() returns trigger language plpgsql as $$
declare
  written jsonb := to_jsonb(new);
  whose uuid := coalesce(written ->> tg_argv[0], written ->> tg_argv[1], '00000000-0000-0000-0000-000000000000');
begin
  insert into principal_version as known (tenant_id, user_id, version) values (new.tenant_id, whose, 1)
    on conflict (tenant_id, user_id) do update set version = known.version + 1;
  insert into principal_change (tenant_id, user_id) values (new.tenant_id, whose);
  return null;
end $$;
create trigger principal_changed after update on "user" for each row when (old.state is distinct from new.state or old.role_ids is distinct from new.role_ids or old.team_ids is distinct from new.team_ids or old.primary_team_id is distinct from new.primary_team_id or old.time_zone is distinct from new.time_zone or old.locale is distinct from new.locale or old.delete_time is distinct from new.delete_time or old.mfa_methods is distinct from new.mfa_methods or old.first_day_of_week is distinct from new.first_day_of_week) execute function principal_changed('id');
create trigger principal_changed after update on service_account for each row when (old.state is distinct from new.state or old.role_ids is distinct from new.role_ids or old.delete_time is distinct from new.delete_time) execute function principal_changed('id');
create trigger principal_changed after update on session for each row when (old.state is distinct from new.state or old.auth_methods is distinct from new.auth_methods) execute function principal_changed('owner_id');
create trigger principal_changed after update on api_key for each row when (old.state is distinct from new.state or old.delete_time is distinct from new.delete_time or old.scopes is distinct from new.scopes or old.expire_time is distinct from new.expire_time or old.prefix is distinct from new.prefix) execute function principal_changed('user_id', 'service_account_id');
create trigger principal_changed after update on role for each row when (old.grants is distinct from new.grants or old.field_rights is distinct from new.field_rights or old.base_id is distinct from new.base_id or old.closed_nouns is distinct from new.closed_nouns or old.delete_time is distinct from new.delete_time) execute function principal_changed();
create trigger principal_changed after insert or update on team for each row execute function principal_changed();
create trigger principal_changed after insert on shared_with for each row execute function principal_changed('user_id');
create trigger principal_changed after insert or update on sharing_rule for each row execute function principal_changed();
create trigger principal_changed after update on field_definition for each row when (old.state is distinct from new.state or old.delete_time is distinct from new.delete_time or old.label_zh is distinct from new.label_zh or old.label_en is distinct from new.label_en or old.required is distinct from new.required or old.sensitive is distinct from new.sensitive or old.personal is distinct from new.personal or old.options is distinct from new.options or old.formula is distinct from new.formula or old.default_value is distinct from new.default_value) execute function principal_changed();
create trigger principal_changed after update on tenant for each row when (old.state is distinct from new.state or old.base_currency is distinct from new.base_currency or old.exchange_rates is distinct from new.exchange_rates or old.default_time_zone is distinct from new.default_time_zone or old.default_locale is distinct from new.default_locale or old.security_policy is distinct from new.security_policy) execute function principal_changed();
CREATE TABLE client_secret (
	tenant_id UUID NOT NULL, 
	identity_provider_id UUID NOT NULL, 
	sealed BYTEA NOT NULL, 
	PRIMARY KEY (tenant_id, identity_provider_id), 
	CONSTRAINT fk__identity_provider_id FOREIGN KEY(tenant_id, identity_provider_id) REFERENCES identity_provider (tenant_id, id) ON DELETE cascade
);
alter table client_secret enable row level security;
alter table client_secret force row level security;
create policy tenant on client_secret using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
CREATE TABLE sso_attempt (
	state BYTEA NOT NULL, 
	browser BYTEA NOT NULL, 
	tenant_id UUID NOT NULL, 
	identity_provider_id UUID NOT NULL, 
	return_path TEXT NOT NULL, 
	user_id UUID, 
	session_id UUID, 
	expire_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	PRIMARY KEY (state)
);
CREATE INDEX sso_attempt_expire_time ON sso_attempt (expire_time);
CREATE TABLE privacy_round (
	tenant_id UUID NOT NULL, 
	privacy_request_id UUID NOT NULL, 
	number BIGINT NOT NULL, 
	known TEXT NOT NULL, 
	found JSONB NOT NULL, 
	PRIMARY KEY (tenant_id, privacy_request_id), 
	CONSTRAINT fk__privacy_request_id FOREIGN KEY(tenant_id, privacy_request_id) REFERENCES privacy_request (tenant_id, id) ON DELETE cascade
);
alter table privacy_round enable row level security;
alter table privacy_round force row level security;
create policy tenant on privacy_round using (tenant_id = nullif(current_setting('kith.tenant_id', true), '')::uuid);
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
grant select, insert, update on tenant to identity_app;
grant select, insert, update on "user" to identity_app;
grant select, insert, update on api_key to identity_app;
grant select, insert, update on session to identity_app;
grant select, insert, update on field_definition to identity_app;
grant select, insert, update on role to identity_app;
grant select, insert, update on service_account to identity_app;
grant select, insert, update on team to identity_app;
grant select, insert, update on sharing_rule to identity_app;
grant select, insert on audit_entry to identity_app;
grant select, insert, update on legal_hold to identity_app;
grant select, insert, update on privacy_request to identity_app;
grant select, insert, update on external_identity to identity_app;
grant select, insert, update on identity_provider to identity_app;
grant select, insert, update, delete on credential to identity_app;
grant select, insert, update, delete on refresh_family to identity_app;
grant select, insert, update, delete on secret to identity_app;
grant select, insert, update, delete on totp to identity_app;
grant select, insert, update, delete on recovery_code to identity_app;
grant select, insert, update, delete on link to identity_app;
grant select, insert, update, delete on data_key to identity_app;
grant select, insert, update, delete on audit_head to identity_app;
grant select, insert, update, delete on audit_key to identity_app;
grant select, insert, update, delete on principal_version to identity_app;
grant select, insert, update, delete on shared_with to identity_app;
grant select, insert, update, delete on principal_change to identity_app;
grant select, insert, update, delete on sign_in_attempt to identity_app;
grant select, insert, update, delete on signing_key to identity_app;
grant select, insert, update, delete on client_secret to identity_app;
grant select, insert, update, delete on sso_attempt to identity_app;
grant select, insert, update, delete on privacy_round to identity_app;
grant select, insert, delete on external_id, custom_value to identity_app;
grant select, insert, update, delete on share to identity_app;
grant select, insert, update (payload) on history to identity_app;
grant select, insert on erased to identity_app;
create policy republish on history for select to identity_owner using (true);
grant select, insert, update on request to identity_app;
grant insert, select (position, lane) on outbox to identity_app;
grant select, insert, update on inbox to identity_app;
grant select, insert, update on inbox_sequence to identity_app;
grant select, insert, update on inbox_offset to identity_app;
grant select, insert, update on job to identity_app;
grant select, insert, update on saga to identity_app;
grant select, delete on outbox to identity_worker;
grant select, delete on request to identity_worker;
create policy sweep on request to identity_worker using (create_time < now() - interval '24 hours');
grant select, update, delete on inbox to identity_worker;
grant select, update, delete on inbox_sequence to identity_worker;
grant select, update, delete on inbox_offset to identity_worker;
grant select, update, delete on job to identity_worker;
grant select, update, delete on saga to identity_worker;
grant select (tenant_id, id, purge_time), delete on tenant to identity_worker;
create policy look on tenant for select to identity_worker using (true);
create policy sweep on tenant for delete to identity_worker using (true);
create policy due on tenant as restrictive for delete to identity_worker using (tenant.purge_time < now());
grant select (tenant_id, id, purge_time, primary_team_id, team_ids, role_ids, successor_id, holding_team_id, manager_id), delete on "user" to identity_worker;
create policy look on "user" for select to identity_worker using (true);
create policy sweep on "user" for delete to identity_worker using (true);
create policy due on "user" as restrictive for delete to identity_worker using ("user".purge_time < now());
grant select (tenant_id, id, purge_time, parent_id, manager_id), delete on team to identity_worker;
create policy look on team for select to identity_worker using (true);
create policy sweep on team for delete to identity_worker using (true);
create policy due on team as restrictive for delete to identity_worker using (team.purge_time < now());
grant select (tenant_id, id, purge_time, base_id), delete on role to identity_worker;
create policy look on role for select to identity_worker using (true);
create policy sweep on role for delete to identity_worker using (true);
create policy due on role as restrictive for delete to identity_worker using (role.purge_time < now());
grant select (tenant_id, id, purge_time, user_id, team_id), delete on sharing_rule to identity_worker;
create policy look on sharing_rule for select to identity_worker using (true);
create policy sweep on sharing_rule for delete to identity_worker using (true);
create policy due on sharing_rule as restrictive for delete to identity_worker using (sharing_rule.purge_time < now());
grant select (tenant_id, id, purge_time, owner_id, team_id), delete on session to identity_worker;
create policy look on session for select to identity_worker using (true);
create policy sweep on session for delete to identity_worker using (true);
create policy due on session as restrictive for delete to identity_worker using (session.purge_time < now());
grant select (tenant_id, id, purge_time, role_ids), delete on service_account to identity_worker;
create policy look on service_account for select to identity_worker using (true);
create policy sweep on service_account for delete to identity_worker using (true);
create policy due on service_account as restrictive for delete to identity_worker using (service_account.purge_time < now());
grant select (tenant_id, id, purge_time, user_id, service_account_id), delete on api_key to identity_worker;
create policy look on api_key for select to identity_worker using (true);
create policy sweep on api_key for delete to identity_worker using (true);
create policy due on api_key as restrictive for delete to identity_worker using (api_key.purge_time < now() OR (EXISTS (SELECT 1 FROM service_account AS service_account_1 WHERE api_key.tenant_id = service_account_1.tenant_id AND api_key.service_account_id = service_account_1.id AND service_account_1.purge_time < now())) OR api_key.service_account_id IS NULL AND (EXISTS (SELECT 1 FROM "user" AS user_1 WHERE api_key.tenant_id = user_1.tenant_id AND api_key.user_id = user_1.id AND user_1.purge_time < now())));
grant select (tenant_id, id, purge_time, default_role_ids), delete on identity_provider to identity_worker;
create policy look on identity_provider for select to identity_worker using (true);
create policy sweep on identity_provider for delete to identity_worker using (true);
create policy due on identity_provider as restrictive for delete to identity_worker using (identity_provider.purge_time < now());
grant select (tenant_id, id, purge_time, owner_id, team_id, identity_provider_id), delete on external_identity to identity_worker;
create policy look on external_identity for select to identity_worker using (true);
create policy sweep on external_identity for delete to identity_worker using (true);
create policy due on external_identity as restrictive for delete to identity_worker using (external_identity.purge_time < now() OR (EXISTS (SELECT 1 FROM identity_provider AS identity_provider_1 WHERE external_identity.tenant_id = identity_provider_1.tenant_id AND external_identity.identity_provider_id = identity_provider_1.id AND identity_provider_1.purge_time < now())));
grant select (tenant_id, id) on audit_entry to identity_worker;
create policy look on audit_entry for select to identity_worker using (true);
grant select (tenant_id, id, purge_time), delete on field_definition to identity_worker;
create policy look on field_definition for select to identity_worker using (true);
create policy sweep on field_definition for delete to identity_worker using (true);
create policy due on field_definition as restrictive for delete to identity_worker using (field_definition.purge_time < now());
grant select (tenant_id, id, purge_time), delete on privacy_request to identity_worker;
create policy look on privacy_request for select to identity_worker using (true);
create policy sweep on privacy_request for delete to identity_worker using (true);
create policy due on privacy_request as restrictive for delete to identity_worker using (privacy_request.purge_time < now());
grant select (tenant_id, id, purge_time), delete on legal_hold to identity_worker;
create policy look on legal_hold for select to identity_worker using (true);
create policy sweep on legal_hold for delete to identity_worker using (true);
create policy due on legal_hold as restrictive for delete to identity_worker using (legal_hold.purge_time < now());
grant select (tenant_id, aggregatetype, aggregateid, sequence, change_time), delete on history to identity_worker;
create policy look on history for select to identity_worker using (true);
create policy sweep on history for delete to identity_worker using (true);
create policy due on history as restrictive for delete to identity_worker using (change_time < now() - interval '13 months' or case history.aggregatetype when 'identity.tenant' then NOT (EXISTS (SELECT 1 FROM tenant AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'identity.user' then NOT (EXISTS (SELECT 1 FROM "user" AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'identity.team' then NOT (EXISTS (SELECT 1 FROM team AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'identity.role' then NOT (EXISTS (SELECT 1 FROM role AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'identity.sharing_rule' then NOT (EXISTS (SELECT 1 FROM sharing_rule AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'identity.session' then NOT (EXISTS (SELECT 1 FROM session AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'identity.service_account' then NOT (EXISTS (SELECT 1 FROM service_account AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'identity.api_key' then NOT (EXISTS (SELECT 1 FROM api_key AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'identity.identity_provider' then NOT (EXISTS (SELECT 1 FROM identity_provider AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'identity.external_identity' then NOT (EXISTS (SELECT 1 FROM external_identity AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'identity.audit_entry' then NOT (EXISTS (SELECT 1 FROM audit_entry AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'identity.field_definition' then NOT (EXISTS (SELECT 1 FROM field_definition AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'identity.privacy_request' then NOT (EXISTS (SELECT 1 FROM privacy_request AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) when 'identity.legal_hold' then NOT (EXISTS (SELECT 1 FROM legal_hold AS record WHERE record.tenant_id = history.tenant_id AND record.id = history.aggregateid)) else false end);
grant select (tenant_id, noun, record_id), delete on external_id to identity_worker;
create policy look on external_id for select to identity_worker using (true);
create policy sweep on external_id for delete to identity_worker using (true);
create policy due on external_id as restrictive for delete to identity_worker using (case external_id.noun when 'identity.tenant' then NOT (EXISTS (SELECT 1 FROM tenant AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'identity.user' then NOT (EXISTS (SELECT 1 FROM "user" AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'identity.team' then NOT (EXISTS (SELECT 1 FROM team AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'identity.role' then NOT (EXISTS (SELECT 1 FROM role AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'identity.sharing_rule' then NOT (EXISTS (SELECT 1 FROM sharing_rule AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'identity.session' then NOT (EXISTS (SELECT 1 FROM session AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'identity.service_account' then NOT (EXISTS (SELECT 1 FROM service_account AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'identity.api_key' then NOT (EXISTS (SELECT 1 FROM api_key AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'identity.identity_provider' then NOT (EXISTS (SELECT 1 FROM identity_provider AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'identity.external_identity' then NOT (EXISTS (SELECT 1 FROM external_identity AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'identity.audit_entry' then NOT (EXISTS (SELECT 1 FROM audit_entry AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'identity.field_definition' then NOT (EXISTS (SELECT 1 FROM field_definition AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'identity.privacy_request' then NOT (EXISTS (SELECT 1 FROM privacy_request AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) when 'identity.legal_hold' then NOT (EXISTS (SELECT 1 FROM legal_hold AS record WHERE record.tenant_id = external_id.tenant_id AND record.id = external_id.record_id)) else false end);
grant select (tenant_id, noun, record_id), delete on share to identity_worker;
create policy look on share for select to identity_worker using (true);
create policy sweep on share for delete to identity_worker using (true);
create policy due on share as restrictive for delete to identity_worker using (case share.noun when 'identity.tenant' then NOT (EXISTS (SELECT 1 FROM tenant AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'identity.user' then NOT (EXISTS (SELECT 1 FROM "user" AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'identity.team' then NOT (EXISTS (SELECT 1 FROM team AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'identity.role' then NOT (EXISTS (SELECT 1 FROM role AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'identity.sharing_rule' then NOT (EXISTS (SELECT 1 FROM sharing_rule AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'identity.session' then NOT (EXISTS (SELECT 1 FROM session AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'identity.service_account' then NOT (EXISTS (SELECT 1 FROM service_account AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'identity.api_key' then NOT (EXISTS (SELECT 1 FROM api_key AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'identity.identity_provider' then NOT (EXISTS (SELECT 1 FROM identity_provider AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'identity.external_identity' then NOT (EXISTS (SELECT 1 FROM external_identity AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'identity.audit_entry' then NOT (EXISTS (SELECT 1 FROM audit_entry AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'identity.field_definition' then NOT (EXISTS (SELECT 1 FROM field_definition AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'identity.privacy_request' then NOT (EXISTS (SELECT 1 FROM privacy_request AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) when 'identity.legal_hold' then NOT (EXISTS (SELECT 1 FROM legal_hold AS record WHERE record.tenant_id = share.tenant_id AND record.id = share.record_id)) else false end);
grant select (tenant_id, noun, record_id), delete on custom_value to identity_worker;
create policy look on custom_value for select to identity_worker using (true);
create policy sweep on custom_value for delete to identity_worker using (true);
create policy due on custom_value as restrictive for delete to identity_worker using (case custom_value.noun when 'identity.tenant' then NOT (EXISTS (SELECT 1 FROM tenant AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'identity.user' then NOT (EXISTS (SELECT 1 FROM "user" AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'identity.team' then NOT (EXISTS (SELECT 1 FROM team AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'identity.role' then NOT (EXISTS (SELECT 1 FROM role AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'identity.sharing_rule' then NOT (EXISTS (SELECT 1 FROM sharing_rule AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'identity.session' then NOT (EXISTS (SELECT 1 FROM session AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'identity.service_account' then NOT (EXISTS (SELECT 1 FROM service_account AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'identity.api_key' then NOT (EXISTS (SELECT 1 FROM api_key AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'identity.identity_provider' then NOT (EXISTS (SELECT 1 FROM identity_provider AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'identity.external_identity' then NOT (EXISTS (SELECT 1 FROM external_identity AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'identity.audit_entry' then NOT (EXISTS (SELECT 1 FROM audit_entry AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'identity.field_definition' then NOT (EXISTS (SELECT 1 FROM field_definition AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'identity.privacy_request' then NOT (EXISTS (SELECT 1 FROM privacy_request AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) when 'identity.legal_hold' then NOT (EXISTS (SELECT 1 FROM legal_hold AS record WHERE record.tenant_id = custom_value.tenant_id AND record.id = custom_value.record_id)) else false end);
