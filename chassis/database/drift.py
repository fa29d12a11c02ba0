"""Whether a database has the tables that the code declares: both are described in PostgreSQL's words, and compared.

The declared schema is made in a schema of its own, inside a transaction that is rolled back, so the owner of the
database can ask at any time. Compared are tables, columns, constraints, indexes, policies, grants, functions, triggers.
"""

from collections.abc import Mapping

import asyncpg

from chassis.database.migrate import MigrationFailed, Migrations

BESIDE = "kith_declared"
_VISIBLE = "select set_config('search_path', $1, true)"
_OBJECTS = [
    """select 'table ' || relname, concat_ws(' ', relkind::text, relpersistence::text,
        'rls=' || relrowsecurity, 'forced=' || relforcerowsecurity, pg_get_partkeydef(oid))
       from pg_class where relnamespace = $1::regnamespace and relkind in ('r', 'p', 'S', 'v', 'm')""",
    """select 'column ' || relname || '.' || attname, concat_ws(' ', format_type(atttypid, atttypmod),
        case when attnotnull then 'not null' end, nullif(attidentity, ''), nullif(attgenerated, ''),
        (select collname from pg_collation where oid = attcollation and collname <> 'default'),
        (select 'default ' || pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = attrelid and adnum = attnum))
       from pg_attribute join pg_class on pg_class.oid = attrelid
       where relnamespace = $1::regnamespace and relkind in ('r', 'p') and attnum > 0 and not attisdropped""",
    """select 'constraint ' || relname || '.' || conname, pg_get_constraintdef(pg_constraint.oid)
       from pg_constraint join pg_class on pg_class.oid = conrelid where connamespace = $1::regnamespace""",
    """select 'index ' || relname, pg_get_indexdef(indexrelid)
       from pg_index join pg_class on pg_class.oid = indexrelid where relnamespace = $1::regnamespace""",
    """select 'policy ' || relname || '.' || polname, concat_ws(' ', polcmd::text, polpermissive::text,
        array(select coalesce(rolname, 'public') from unnest(polroles) role left join pg_roles r on r.oid = role
              order by 1)::text,
        'using ' || pg_get_expr(polqual, polrelid), 'check ' || pg_get_expr(polwithcheck, polrelid))
       from pg_policy join pg_class on pg_class.oid = polrelid where relnamespace = $1::regnamespace""",
    """select 'grant ' || relname || coalesce('.' || attname, '') || ' to ' || coalesce(rolname, 'public'),
        string_agg(privilege_type, ' ' order by privilege_type)
       from (select oid, relname, relnamespace, relowner, null::name as attname, relacl as acl from pg_class
             union all select c.oid, relname, relnamespace, relowner, attname, attacl from pg_class c
             join pg_attribute on attrelid = c.oid) one, aclexplode(acl) a left join pg_roles r on r.oid = a.grantee
       where relnamespace = $1::regnamespace and a.grantee <> relowner
       group by relname, attname, rolname""",
    """select 'function ' || proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
        pg_get_functiondef(p.oid) from pg_proc p
       where pronamespace = $1::regnamespace and prokind in ('f', 'p')
       and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')""",
    """select 'trigger ' || relname || '.' || tgname, pg_get_triggerdef(t.oid)
       from pg_trigger t join pg_class on pg_class.oid = tgrelid
       where relnamespace = $1::regnamespace and not tgisinternal""",
]
_NOT_OURS = ("alembic_version",)


async def drift(migrations: Migrations, url: str) -> list[str]:
    """What differs, one line each; nothing if the database at `url`, as its owner, is as declared.

    Changes nothing. Raises MigrationFailed if the database cannot be reached.
    """
    try:
        connection = await asyncpg.connect(url)
    except (asyncpg.PostgresError, OSError) as error:
        raise MigrationFailed(f"{migrations.name}: {error}") from error
    try:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(f"create schema {BESIDE}")
            await connection.execute("set local check_function_bodies = off")  # they speak of tables in `public`
            await connection.execute(_VISIBLE, f"{BESIDE}, public")
            await connection.execute(migrations.declared())
            declared, there = await described(connection, BESIDE), await described(connection, "public")
        finally:
            await transaction.rollback()
    finally:
        await connection.close()
    return differences(declared, there)


async def described(connection: "asyncpg.Connection[asyncpg.Record]", schema: str) -> dict[str, str]:
    """Every object of `schema` by its name, in words that do not tell which schema it is."""
    await connection.execute(_VISIBLE, f"{schema}, public")  # what is visible is named without its schema
    found = {}
    for query in _OBJECTS:
        for name, says in await connection.fetch(query, schema):
            found[name] = says.replace(f"{schema}.", "")
    return {name: says for name, says in found.items() if not any(other in name for other in _NOT_OURS)}


def differences(declared: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    lines = [f"missing: {name}: {declared[name]}" for name in sorted(declared.keys() - there.keys())]
    lines += [f"not declared: {name}: {there[name]}" for name in sorted(there.keys() - declared.keys())]
    for name in sorted(declared.keys() & there.keys()):
        if declared[name] != there[name]:
            lines.append(f"differs: {name}: {there[name]} is declared as {declared[name]}")
    return lines
