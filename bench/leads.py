"""Leads of one owner, as CreateLead would have written them."""

import asyncpg

from bench import authority

_SEED = """
insert into lead (tenant_id, id, revision, create_time, update_time, creator_id, updater_id, owner_id, team_id,
  labels, external_ids, custom_fields, display_name, display_name_sort, family_name, given_name, company,
  company_sort, position, emails, phones, source, rating, state, disqualify_reason, description, region, search_grams)
select $1, uuidv7(), 1, now() - n * interval '1 minute', now(), $2, $2, $2, $3, '{}', '[]', '{"tier": "gold"}',
  'Zhang Wei ' || n, 'zhang wei ' || n, 'Zhang', 'Wei', 'Northern Robots ' || n % 500, 'northern robots ' || n % 500,
  'Buyer', jsonb_build_array(jsonb_build_object('address', 'wei' || n || '@example.com', 'primary', true)),
  jsonb_build_array(jsonb_build_object('number', '+86138' || (10000000 + n), 'primary', true)),
  'website', 'WARM', case when n % 3 = 0 then 'WORKING' else 'NEW' end, '', '', 'West',
  array['display_name:zha', 'display_name:^z', 'company:nor', 'company:' || n % 500]
from generate_series(1, $4) n
"""


async def seed(admin_url: str, rows: int) -> list[str]:
    """Some ids of the leads it wrote, in one statement."""
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(_SEED, authority.TENANT, authority.USER, authority.TEAM, rows)
        await admin.execute("vacuum analyze lead")
        return [str(row[0]) for row in await admin.fetch("select id from lead order by random() limit 2000")]
    finally:
        await admin.close()
