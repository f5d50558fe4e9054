import unicodedata

from django.db import migrations, models

# What a document is about has an index of its own: a word of nearly all texts is looked for in few titles.
SQLITE_INDEXES = {
    "education_searchdocument_head_fts": ("title", "names", "topic", "summary"),
    "education_searchdocument_fts": ("title", "names", "topic", "summary", "body"),
}


def sqlite():
    for name, columns in SQLITE_INDEXES.items():
        yield f"""
            CREATE VIRTUAL TABLE {name} USING fts5(
                {", ".join(columns)}, content='education_searchdocument', content_rowid='id',
                tokenize='porter unicode61 remove_diacritics 2'
            )
        """
    # Triggers keep the indexes, so that they are right whoever writes. A later migration that makes SQLite rebuild
    # this table (most changes of a column do) has to make them again.
    for event, values in {"INSERT": ["new"], "DELETE": ["old"], "UPDATE": ["old", "new"]}.items():
        steps = "".join(step(name, columns, row) for name, columns in SQLITE_INDEXES.items() for row in values)
        yield f"""
            CREATE TRIGGER education_searchdocument_{event.lower()} AFTER {event} ON education_searchdocument
            BEGIN {steps} END
        """


def step(name, columns, row):
    values = ", ".join(f"{row}.{column}" for column in ("id", *columns))
    if row == "old":
        return f"INSERT INTO {name} ({name}, rowid, {', '.join(columns)}) VALUES ('delete', {values});"
    return f"INSERT INTO {name} (rowid, {', '.join(columns)}) VALUES ({values});"


SQLITE = list(sqlite())
SQLITE_UNDONE = [
    *(f"DROP TRIGGER education_searchdocument_{event}" for event in ("insert", "delete", "update")),
    *(f"DROP TABLE {name}" for name in SQLITE_INDEXES),
]


def letters():
    """What PostgreSQL's parser would take for parts of a word, an address or a path, and letters with accents."""
    pairs = {mark: " " for mark in "-/.'’_@:,;&+#–—"}
    for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]:
        base, *marks = unicodedata.normalize("NFKD", chr(code))
        if marks and all(map(unicodedata.combining, marks)):
            pairs[chr(code)] = base
    return "".join(pairs).replace("'", "''"), "".join(pairs.values())


def vector(expression):
    old, new = letters()
    return f"to_tsvector('pg_catalog.english', translate({expression}, '{old}', '{new}'))"


POSTGRESQL = [
    """
    ALTER TABLE education_searchdocument
    ADD COLUMN title_words tsvector, ADD COLUMN head_words tsvector, ADD COLUMN all_words tsvector
    """,
    f"""
    CREATE FUNCTION education_searchdocument_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.title_words := setweight({vector("NEW.title")}, 'A');
        NEW.head_words := NEW.title_words
            || setweight({vector("concat_ws(' ', NEW.names, NEW.topic, NEW.summary)")}, 'B');
        NEW.all_words := NEW.head_words || setweight({vector("NEW.body")}, 'D');
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER education_searchdocument_words BEFORE INSERT OR UPDATE ON education_searchdocument
    FOR EACH ROW EXECUTE FUNCTION education_searchdocument_words()
    """,
    "CREATE INDEX education_searchdocument_title_words ON education_searchdocument USING gin (title_words)",
    "CREATE INDEX education_searchdocument_head_words ON education_searchdocument USING gin (head_words)",
    "CREATE INDEX education_searchdocument_all_words ON education_searchdocument USING gin (all_words)",
]
POSTGRESQL_UNDONE = [
    "DROP TRIGGER education_searchdocument_words ON education_searchdocument",
    "DROP FUNCTION education_searchdocument_words()",
    "ALTER TABLE education_searchdocument DROP COLUMN title_words, DROP COLUMN head_words, DROP COLUMN all_words",
]


def make_index(apps, schema_editor):
    execute(schema_editor, {"sqlite": SQLITE, "postgresql": POSTGRESQL})


def drop_index(apps, schema_editor):
    execute(schema_editor, {"sqlite": SQLITE_UNDONE, "postgresql": POSTGRESQL_UNDONE})


def execute(schema_editor, statements):
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0003_the_library'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('article', 'Article'), ('treatment', 'Treatment'), ('page', 'About this site')], max_length=10)),
                ('item', models.PositiveIntegerField()),
                ('path', models.CharField(max_length=500, unique=True)),
                ('title', models.CharField(max_length=255)),
                ('names', models.CharField(blank=True, max_length=300)),
                ('topic', models.CharField(blank=True, db_index=True, max_length=80)),
                ('summary', models.TextField(blank=True)),
                ('body', models.TextField(blank=True)),
                ('minutes', models.PositiveSmallIntegerField(null=True)),
                ('withdrawn', models.BooleanField(default=False)),
                ('awaiting_review', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'item'), name='searchdocument_one_an_item')],
            },
        ),
        migrations.RunPython(make_index, drop_index),
    ]
