"""The database itself refuses to change or remove a line of the record."""

from django.db import migrations

_REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Lines of the record are only ever added.';
END
$$;
CREATE TRIGGER audit_line_stays BEFORE UPDATE OR DELETE ON audit_line
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
"""
_ALLOW = """
DROP TRIGGER audit_line_stays ON audit_line;
DROP FUNCTION audit_refuse();
"""


class Migration(migrations.Migration):
    """TRUNCATE stays possible: it needs the table's owner, who could drop the trigger as well."""

    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(_REFUSE, _ALLOW)]
