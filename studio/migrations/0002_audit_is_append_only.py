"""The database itself refuses to change an audit entry."""

from django.db import migrations

FORWARD = {
    "sqlite": [
        "CREATE TRIGGER studio_audit_append_only BEFORE UPDATE ON studio_auditentry"
        " BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION studio_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'audit entries are never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "CREATE TRIGGER studio_audit_append_only BEFORE UPDATE ON studio_auditentry"
        " FOR EACH ROW EXECUTE FUNCTION studio_audit_append_only()",
    ],
}
BACKWARD = {
    "sqlite": ["DROP TRIGGER studio_audit_append_only"],
    "postgresql": ["DROP TRIGGER studio_audit_append_only ON studio_auditentry", "DROP FUNCTION studio_audit_append_only()"],
}


def forward(apps, schema_editor):
    for statement in FORWARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def backward(apps, schema_editor):
    for statement in BACKWARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("studio", "0001_access")]
    operations = [migrations.RunPython(forward, backward)]
