"""Contacts in any number, as CreateContact would have written them: 王, 李 and 张 are a fifth of all, as in China."""

from itertools import product

import asyncpg
import orjson

from bench.authority import TEAM, TENANT, USER
from chassis.resource.pinyin import name_sort_key
from contacts.contact.contact import CONTACTS
from kith.contacts.v1.contact_pb2 import Contact
from kith.v1.values_pb2 import EmailAddress, PhoneNumber

COMMON = "王李张"
RARER = (
    "刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜"
    "崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚桂兰文辉力建国庆海燕玉梅春华志永红俊峰佳欣浩宇子轩思雨"
TEAMS = 5  # the caller's is one of them
SETTINGS = "set maintenance_work_mem = '512MB'; set synchronous_commit = off"


async def seed(admin_url: str, rows: int, teams: int = TEAMS) -> list[str]:
    """Write them without their indexes, then build these; some of the ids that the caller sees."""
    admin = await asyncpg.connect(admin_url, timeout=600, command_timeout=900)
    try:
        await admin.execute(SETTINGS)
        await admin.execute(_PEOPLE)
        await admin.copy_records_to_table("person", records=list(_people()))
        indexes = await admin.fetch(_INDEXES)
        for index in indexes:
            await admin.execute(f'drop index "{index["indexname"]}"')
        await admin.execute(_SEED, TENANT, USER, TEAM, teams, rows)
        for index in indexes:
            await admin.execute(index["indexdef"])
        await admin.execute("vacuum analyze contact")
        found = await admin.fetch("select id from contact where team_id = $1 order by random() limit 2000", TEAM)
        return [str(row["id"]) for row in found]
    finally:
        await admin.close()


def names() -> list[tuple[str, str]]:
    """Family and given names; drawn evenly, a fifth of them is one of the three."""
    given = [*GIVEN, *(one + other for one, other in product(GIVEN[:24], GIVEN[24:40]))]
    rare = [(family, name) for family in RARER for name in given[::3]]
    several = len(rare) // 4 // len(COMMON)
    return [*rare, *((family, given[n % len(given)]) for family in COMMON for n in range(several))]


def _people() -> list[tuple[object, ...]]:
    return [_person(n, family, given) for n, (family, given) in enumerate(names())]


def _person(n: int, family: str, given: str) -> tuple[object, ...]:
    name, address, number = family + given, f"person.{n}@firm-{n % 500}.example.com", f"+86138{n * 7919 % 10**8:08}"
    whole = Contact(display_name=name, emails=[EmailAddress(address=address)], phones=[PhoneNumber(number=number)])
    grams = CONTACTS.codec.stored(whole, "search_grams")["search_grams"]
    emails = orjson.dumps([{"address": address, "primary": True}]).decode()
    phones = orjson.dumps([{"number": number, "primary": True}]).decode()
    return n, name, name_sort_key(name), family, given, emails, phones, grams


_PEOPLE = """
create temp table person (who int primary key, display_name text, sort text, family text, given text, emails jsonb,
  phones jsonb, grams text[])
"""
_INDEXES = """
select indexname, indexdef from pg_indexes where tablename = 'contact'
  and indexname not in (select conname from pg_constraint where contype in ('p', 'u'))
"""
_SEED = """
insert into contact (tenant_id, id, revision, create_time, update_time, creator_id, updater_id, owner_id, team_id,
  labels, external_ids, custom_fields, display_name, display_name_sort, family_name, given_name, salutation,
  id_number, emails, phones, affiliations, position, language, time_zone, source, description, tag_ids,
  affiliated_account_ids, search_grams)
select $1, uuidv7(), 1, now() - n * interval '10 seconds', now(), $2, $2, owner_id, team_id,
  '{}', '[]', '{"tier": "gold"}', display_name, sort, family, given, '', '',
  emails, phones, '[]', 'Buyer', '', '', source, '', '{}', '{}',
  grams
from (
  select n, (hashint8(n) & 2147483647) % (select count(*) from person) as who,
    case when n % $4::int = 0 then $2 else uuidv7() end as owner_id,
    case when n % $4::int = 0 then $3
      else ('00000000-0000-7000-8000-' || lpad((n % $4::int)::text, 12, '0'))::uuid end as team_id,
    case when n % 7 = 0 then 'fair' else 'website' end as source
  from generate_series(1, $5::bigint) n
) one join person using (who)
"""
