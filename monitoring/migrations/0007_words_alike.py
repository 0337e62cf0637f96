"""Let PostgreSQL find words as SQLite does: marks on Latin letters dropped, every sign between words a space.

Its own parser keeps "www.loswal.nl/brand" and "jan@loswal.nl" as one word each, and "één" apart from
"een". What is a letter or a digit is written out, so that it is the same in every locale. The names of
authors get an index by word on both databases.
"""

import sys

from django.db import migrations


def signs() -> str:
    """All that is no letter, digit or mark, as ranges between the brackets of a regular expression."""
    ranges, start = [], None
    for number in range(1, sys.maxunicode + 2):
        is_sign = (
            number <= sys.maxunicode
            and not chr(number).isalnum()
            and not 0x300 <= number <= 0x36F
            and not 0xD800 <= number <= 0xDFFF
        )
        if is_sign and start is None:
            start = number
        elif not is_sign and start is not None:
            ranges.append(rf"\U{start:08X}-\U{number - 1:08X}")
            start = None
    return "".join(ranges)


def functions() -> list[str]:
    """Immutable, as an index asks; dear, so that no plan reads a whole table through them."""
    return [
        rf"""CREATE OR REPLACE FUNCTION weerwoord_words(told text) RETURNS tsvector
             LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5000 AS $$
             SELECT CASE WHEN octet_length(told) = char_length(told)
               THEN to_tsvector('pg_catalog.simple', regexp_replace(told, '[^0-9A-Za-z]+', ' ', 'g'))
               ELSE to_tsvector('pg_catalog.simple', regexp_replace(
                 normalize(regexp_replace(normalize(told, NFD),
                   '([A-Za-z])[\u0300-\u036F]+', '\1', 'g'), NFC),
                 '[{signs()}]+', ' ', 'g'))
             END $$""",
        r"""CREATE OR REPLACE FUNCTION weerwoord_words(name text, handle text) RETURNS tsvector
             LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5000 AS $$
             SELECT weerwoord_words(name || ' ' || handle) $$""",
    ]


POSTGRESQL = [
    "DROP INDEX posts_by_word",
    "CREATE INDEX posts_by_word ON monitoring_post USING gin (weerwoord_words(text))",
    "CREATE INDEX authors_by_word ON monitoring_author USING gin (weerwoord_words(name, handle))",
]
POSTGRESQL_BACK = [
    "DROP INDEX authors_by_word",
    "DROP INDEX posts_by_word",
    "CREATE INDEX posts_by_word ON monitoring_post USING gin (to_tsvector('simple', text))",
    "DROP FUNCTION weerwoord_words(text, text)",
    "DROP FUNCTION weerwoord_words(text)",
]
SQLITE = [
    """CREATE VIRTUAL TABLE monitoring_author_text USING fts5(
         name, handle, content='monitoring_author', content_rowid='id',
         tokenize='unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER monitoring_author_text_added AFTER INSERT ON monitoring_author BEGIN
         INSERT INTO monitoring_author_text(rowid, name, handle)
         VALUES (new.id, new.name, new.handle); END""",
    """CREATE TRIGGER monitoring_author_text_removed AFTER DELETE ON monitoring_author BEGIN
         INSERT INTO monitoring_author_text(monitoring_author_text, rowid, name, handle)
         VALUES ('delete', old.id, old.name, old.handle); END""",
    """CREATE TRIGGER monitoring_author_text_changed AFTER UPDATE OF name, handle ON monitoring_author
         WHEN old.name <> new.name OR old.handle <> new.handle BEGIN
         INSERT INTO monitoring_author_text(monitoring_author_text, rowid, name, handle)
         VALUES ('delete', old.id, old.name, old.handle);
         INSERT INTO monitoring_author_text(rowid, name, handle)
         VALUES (new.id, new.name, new.handle); END""",
    "INSERT INTO monitoring_author_text(monitoring_author_text) VALUES ('rebuild')",
]
SQLITE_BACK = [
    "DROP TRIGGER monitoring_author_text_changed",
    "DROP TRIGGER monitoring_author_text_removed",
    "DROP TRIGGER monitoring_author_text_added",
    "DROP TABLE monitoring_author_text",
]


def add_indexes(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in [*functions(), *POSTGRESQL] if is_postgresql else SQLITE:
        schema_editor.execute(statement, params=None)


def remove_indexes(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRESQL_BACK if is_postgresql else SQLITE_BACK:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0006_press")]
    operations = [migrations.RunPython(add_indexes, remove_indexes)]
