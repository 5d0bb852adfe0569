"""Runs the scenario of Tryton's module marketing_automation over a story.

It is the scenario of the module's own tests/scenario_marketing_automation.rst, with
its templates. Standard input holds the story: one JSON object a line, those of a
lead in order of time, {"at": "2026-01-05T09:00:00Z", "lead": "l1", "do": "create",
"email": "l1@example.com"}, where "do" is create, open, click or block. Standard output gets
one object for each activity that is done: {"lead", "activity", "at"}.

Each lead lives alone, in a transaction that is rolled back: Tryton 6.0.3 looks for
the record of an e-mail that was opened by its name instead of its number, which
finds every record, so that who opens marks all others as openers too.

Time is the story's. Tryton's cron runs at every instant at which something is due,
and before what happens at the same instant, so that no answer depends on how often
it runs.
"""
import datetime
import itertools
import json
import logging
import os
import sys
import types
import warnings

warnings.simplefilter('ignore')
os.environ['DB_NAME'] = ':memory:'
os.environ['TRYTOND_DATABASE_URI'] = 'sqlite://'

from unittest.mock import patch  # noqa: E402

from trytond.modules.marketing_automation import marketing_automation  # noqa: E402
from trytond.pool import Pool  # noqa: E402
from trytond.pyson import Eval, PYSONEncoder  # noqa: E402
from trytond.tests.test_tryton import (  # noqa: E402
    CONTEXT, DB_NAME, USER, activate_module)
from trytond.tools import file_open  # noqa: E402
from trytond.transaction import Transaction  # noqa: E402


class Clock(datetime.datetime):
    "datetime.datetime, at a time that is set"
    at = datetime.datetime.min

    @classmethod
    def now(cls, tz=None):
        return cls.at


def scenario(pool):
    "The scenario of the module's tests/scenario_marketing_automation.rst"
    Scenario = pool.get('marketing.automation.scenario')
    Activity = pool.get('marketing.automation.activity')

    def template(name):
        with file_open('marketing_automation/tests/' + name, mode='r') as fp:
            return fp.read()

    party, = Scenario.create([{
        'name': "Party Scenario",
        'model': 'party.party',
        'domain': '[["contact_mechanisms", "!=", null]]',
        }])
    root, = Activity.create([{
        'name': 'first_mail',
        'parent': str(party),
        'action': 'send_email',
        'email_title': "Hello",
        'condition': PYSONEncoder().encode(Eval('self', {}).get('active')),
        'email_template': template('email.html'),
        }])
    for values in [
            {'name': 'opened', 'on': 'email_opened'},
            {'name': 'clicked', 'on': 'email_clicked'},
            {'name': 'not_clicked', 'on': 'email_clicked_not',
                'delay': datetime.timedelta(days=2)},
            {'name': 'reminder', 'action': 'send_email',
                'email_title': "Reminder", 'delay': datetime.timedelta(),
                'email_template': template('reminder.html')}]:
        Activity.create([{'parent': str(root), **values}])
    Scenario.run([party])
    return root


def due(pool, until):
    "Runs the cron at every instant up to the given one at which something is due"
    RecordActivity = pool.get('marketing.automation.record.activity')
    while True:
        waiting = RecordActivity.search([
                ('state', '=', 'waiting'),
                ('at', '<=', until),
                ('record.blocked', '!=', True),
                ], order=[('at', 'ASC')], limit=1)
        if not waiting:
            return
        Clock.at = max(Clock.at, waiting[0].at)
        RecordActivity.process()


def happen(pool, root, parties, line):
    "Does what a line of the story says"
    Party = pool.get('party.party')
    Record = pool.get('marketing.automation.record')
    RecordActivity = pool.get('marketing.automation.record.activity')
    if line['do'] == 'create':
        values = {'name': line['lead']}
        if line.get('email'):
            values['contact_mechanisms'] = [('create', [{
                'type': 'email', 'value': line['email']}])]
        parties.extend(Party.create([values]))
        pool.get('marketing.automation.scenario').trigger()
        return
    records = Record.search([('record', '=', str(parties[0]))])
    if line['do'] == 'block':
        Record.block(records)
        return
    sent = RecordActivity.search([('activity', '=', root.id)])
    on = {'open': RecordActivity.on_email_opened,
        'click': RecordActivity.on_email_clicked}
    on[line['do']](sent)


def live(pool, lead, lines):
    "Lets a lead live, and tells which activities were done"
    root, parties = scenario(pool), []
    Clock.at = datetime.datetime.min
    for line in lines:
        at = datetime.datetime.strptime(line['at'], '%Y-%m-%dT%H:%M:%SZ')
        due(pool, at)
        Clock.at = at
        happen(pool, root, parties, line)
        due(pool, at)
    due(pool, Clock.at + datetime.timedelta(days=30))
    RecordActivity = pool.get('marketing.automation.record.activity')
    for activity in RecordActivity.search([('state', '=', 'done')]):
        print(json.dumps({
                    'lead': lead,
                    'activity': activity.activity.name,
                    'at': activity.at.strftime('%Y-%m-%dT%H:%M:%SZ'),
                    }))


def main():
    logging.disable(logging.CRITICAL)
    activate_module(['marketing_automation', 'party'])
    clock = types.ModuleType('datetime')
    clock.__dict__.update(datetime.__dict__, datetime=Clock)
    story = [json.loads(text) for text in sys.stdin]
    # Mails are counted and not sent, so that nothing waits for a server of mails.
    with patch.object(marketing_automation, 'datetime', clock), \
            patch.object(marketing_automation, 'SMTPDataManager'), \
            patch.object(marketing_automation, 'sendmail_transactional') as send, \
            patch.object(Transaction, 'join', lambda self, manager: manager):
        for lead, lines in itertools.groupby(story, lambda line: line['lead']):
            with Transaction().start(DB_NAME, USER, context=CONTEXT) as transaction:
                live(Pool(DB_NAME), lead, lines)
                transaction.rollback()
    print(json.dumps({'mails': send.call_count}))


main()
