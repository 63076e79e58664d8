from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('judging', '0015_rubrics_where_they_belong'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='rejudging',
            name='judge_version',
        ),
    ]
