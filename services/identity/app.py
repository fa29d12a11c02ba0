"""Identity's table of contents."""

from chassis.mail.mail import send_mail
from chassis.service import Service
from identity.account.accept_invitation import accept_invitation
from identity.account.confirm_email_change import confirm_email_change
from identity.account.request_email_change import request_email_change
from identity.account.request_password_reset import request_password_reset, send_password_reset
from identity.account.reset_password import reset_password
from identity.api_key.api_key import API_KEYS
from identity.api_key.create import create_api_key
from identity.api_key.revoke import revoke_api_key
from identity.api_key.rotate import end_rotation, rotate_api_key
from identity.audit_entry.audit_entry import AUDIT_ENTRIES
from identity.audit_entry.export import export_audit_entries
from identity.audit_entry.show import batch_get_audit_entries, get_audit_entry, list_audit_entries
from identity.audit_entry.verify_chain import verify_audit_chain
from identity.authentication.exchange_token import exchange_token
from identity.authentication.get_jwks import get_jwks
from identity.authentication.read_data_keys import get_data_keys
from identity.authentication.read_principal import get_key_holder, get_principal, get_role_change
from identity.authentication.refresh_token import refresh_token
from identity.authentication.resume_session import resume_session
from identity.authentication.revoke_signing_key import revoke_signing_key
from identity.authentication.sign_in import sign_in
from identity.authentication.sign_out import sign_out
from identity.authentication.watch_principals import watch_principals
from identity.authentication.who_am_i import who_am_i
from identity.consumers.audit import HEARD_FROM_ALL
from identity.consumers.privacy import HEARD_FROM_ERASERS
from identity.external_identity.create import create_external_identity
from identity.external_identity.external_identity import EXTERNAL_IDENTITIES
from identity.field_definition.activate import activate_field_definition
from identity.field_definition.deprecate import deprecate_field_definition
from identity.field_definition.field_definition import FIELD_DEFINITIONS
from identity.field_definition.write import (
    create_field_definition,
    delete_field_definition,
    undelete_field_definition,
    update_field_definition,
)
from identity.identity_provider import client_secret
from identity.identity_provider.disable import disable_identity_provider
from identity.identity_provider.enable import enable_identity_provider
from identity.identity_provider.identity_provider import IDENTITY_PROVIDERS
from identity.identity_provider.set_client_secret import set_client_secret
from identity.identity_provider.test import test_identity_provider
from identity.identity_provider.write import (
    create_identity_provider,
    undelete_identity_provider,
    update_identity_provider,
)
from identity.legal_hold.legal_hold import LEGAL_HOLDS
from identity.legal_hold.place import place_legal_hold
from identity.legal_hold.release import release_legal_hold
from identity.privacy_request import standing
from identity.privacy_request.certificate import get_certificate
from identity.privacy_request.create import create_privacy_request
from identity.privacy_request.execute import execute_privacy_request
from identity.privacy_request.privacy_request import PRIVACY_REQUESTS
from identity.privacy_request.reject import reject_privacy_request
from identity.privacy_request.verify import verify_privacy_request
from identity.role.preview_change import preview_role_change
from identity.role.role import ROLES
from identity.role.write import create_role, delete_role, undelete_role, update_role
from identity.second_factor.confirm_mfa import confirm_mfa
from identity.second_factor.enroll_mfa import enroll_mfa
from identity.second_factor.regenerate_recovery_codes import regenerate_recovery_codes
from identity.second_factor.turn_off_mfa import turn_off_mfa
from identity.second_factor.verify_mfa import verify_mfa
from identity.service_account.resume import resume_service_account
from identity.service_account.service_account import SERVICE_ACCOUNTS
from identity.service_account.suspend import suspend_service_account
from identity.service_account.write import (
    create_service_account,
    delete_service_account,
    undelete_service_account,
    update_service_account,
)
from identity.session.end import end_session
from identity.session.session import SESSIONS
from identity.sharing.note_share import note_share
from identity.sharing_rule.sharing_rule import SHARING_RULES
from identity.sharing_rule.write import create_sharing_rule, undelete_sharing_rule, update_sharing_rule
from identity.single_sign_on import attempts
from identity.single_sign_on.complete_sso import complete_sso
from identity.single_sign_on.find_identity_providers import find_identity_providers
from identity.single_sign_on.start_sso import link_identity, start_sso
from identity.tables import METADATA
from identity.team.create import create_team
from identity.team.delete import delete_team
from identity.team.move import move_team
from identity.team.team import TEAMS
from identity.tenant.list_all_tenants import list_all_tenants
from identity.tenant.provision_tenant import provision_tenant
from identity.tenant.resume_tenant import resume_tenant
from identity.tenant.rotate_data_key import rotate_data_key
from identity.tenant.suspend_tenant import suspend_tenant
from identity.tenant.tenant import TENANTS
from identity.tenant.update_tenant import update_tenant
from identity.user.assign_roles import assign_roles
from identity.user.deactivate import deactivate_user
from identity.user.end_sessions import end_sessions
from identity.user.invite import invite_user
from identity.user.preferences import update_my_preferences
from identity.user.resend_invitation import resend_invitation
from identity.user.reset_mfa import reset_mfa
from identity.user.resume import resume_user
from identity.user.set_functions import set_functions
from identity.user.set_password import set_password
from identity.user.set_teams import set_teams
from identity.user.suspend import suspend_user
from identity.user.user import USERS
from identity.user.write import create_user, delete_user, undelete_user, update_user

SERVICE = Service(
    "identity",
    nouns=[
        *(TENANTS, USERS, TEAMS, ROLES, SHARING_RULES, SESSIONS, SERVICE_ACCOUNTS, API_KEYS),
        *(IDENTITY_PROVIDERS, EXTERNAL_IDENTITIES, AUDIT_ENTRIES, FIELD_DEFINITIONS),
        *(PRIVACY_REQUESTS, LEGAL_HOLDS),
    ],
    verbs=[
        *(provision_tenant, list_all_tenants, suspend_tenant, resume_tenant),
        update_tenant,
        rotate_data_key,
        *(create_user, update_user, delete_user, undelete_user),
        *(invite_user, resend_invitation, end_sessions, reset_mfa, update_my_preferences),
        *(set_password, suspend_user, resume_user, deactivate_user, assign_roles, set_teams, set_functions),
        *(create_team, move_team, delete_team),
        *(create_role, update_role, delete_role, undelete_role, preview_role_change),
        *(create_sharing_rule, update_sharing_rule, undelete_sharing_rule),
        *(create_field_definition, update_field_definition, delete_field_definition, undelete_field_definition),
        *(activate_field_definition, deprecate_field_definition),
        end_session,
        *(create_service_account, update_service_account, delete_service_account, undelete_service_account),
        *(suspend_service_account, resume_service_account),
        *(create_api_key, rotate_api_key, revoke_api_key),
        *(create_identity_provider, update_identity_provider, undelete_identity_provider),
        *(set_client_secret, test_identity_provider, enable_identity_provider, disable_identity_provider),
        create_external_identity,
        *(find_identity_providers, start_sso, link_identity, complete_sso),
        *(sign_in, refresh_token, resume_session, sign_out, who_am_i),
        revoke_signing_key,
        *(
            get_jwks,
            get_principal,
            get_role_change,
            get_key_holder,
            watch_principals,
            exchange_token,
            note_share,
            get_data_keys,
        ),
        *(accept_invitation, request_password_reset, reset_password, request_email_change, confirm_email_change),
        *(enroll_mfa, confirm_mfa, verify_mfa, regenerate_recovery_codes, turn_off_mfa),
        *(get_audit_entry, batch_get_audit_entries, list_audit_entries, verify_audit_chain, export_audit_entries),
        *(
            create_privacy_request,
            verify_privacy_request,
            reject_privacy_request,
            execute_privacy_request,
            get_certificate,
        ),
        *(place_legal_hold, release_legal_hold),
    ],
    consumers=[*HEARD_FROM_ALL, *HEARD_FROM_ERASERS],
    tables=[METADATA, client_secret.METADATA, attempts.METADATA, standing.METADATA],
    jobs=[send_mail, send_password_reset, end_rotation],
)
