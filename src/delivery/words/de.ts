// The fixed sentences of outgoing mail in German, with the formal address of business mail.

import type { Texts } from './texts.ts'

export const de: Texts = {
  attachments: 'Anhänge:',
  attachment: 'Anhang: {name}',
  'attachments.more': 'und {count} weitere',
  'subject.conversation': 'Ihre Konversation mit {account}',
  'from.friendly': '{agent} von {business}',
  'from.via': '{author} über {inbox}',
  'from.via.notVerified': '{author}, über {inbox}',
  'quote.intro': 'Am {date} schrieb {name}:',
  'settings.reason': 'Sie erhalten diese E-Mail aufgrund Ihrer Benachrichtigungseinstellungen.',
  'settings.change': 'Einstellungen ändern',

  'author.none': 'Ein Absender ohne Adresse',
  'author.label.notVerified': '{who}, nicht bestätigt',
  'author.wrote': '{who} hat geschrieben.',
  'author.wrote.filed':
    '{who} hat eine E-Mail geschrieben, die jemand von Hand in die Konversation von {owner} eingeordnet hat.',
  'author.wrote.viaOther': '{who} hat an die Antwortadresse von {owner} geschrieben, die einer anderen Person gehört.',
  'author.wrote.in': '{who} hat in der Konversation von {owner} geschrieben.',
  'author.verified': 'Der Absender ist bestätigt.',
  'author.notVerified': 'Der Absender ist nicht bestätigt: Die Adresse kann gefälscht sein.',

  'notice.subject': 'Neue Nachricht',
  'notice.assigned': 'Die Konversation {number} wurde Ihnen automatisch zugewiesen.',
  'notice.assigned.by': 'Die Konversation {number} wurde Ihnen von {by} zugewiesen.',
  'notice.above': 'Antworten Sie über dieser Zeile',
  'notice.answer': 'Antworten Sie auf diese E-Mail, um dem Kunden zu antworten: Ihr Text geht an {email}.',
  'notice.answer.none':
    'Der Kunde dieser Konversation hat keine E-Mail-Adresse: Eine Antwort auf diese E-Mail bleibt in der Konversation.',
  'notice.commands': 'Befehle wie #resolve oder #snooze 2d können in den ersten Zeilen Ihrer Antwort stehen.',
  'notice.place': 'Konversation {number} in {inbox}, zugewiesen an: {assignee}.',
  'notice.open': 'Konversation öffnen',
  'assignee.you': 'Sie',
  'assignee.nobody': 'niemanden',
  'fact.conversation': 'Konversation',
  'fact.inbox': 'Posteingang',
  'fact.assignee': 'Zugewiesen an',
  'fact.file': 'Datei',
  'notice.many': '{count} neue Nachrichten in Konversation {number}.',
  'notice.many.more': '{count} neue Nachrichten in Konversation {number}; die neuesten stehen hier.',
  'notice.mentioned': '{by} hat Sie in einer privaten Notiz von Konversation {number} erwähnt.',
  'notice.private': 'Ihre Antwort auf diese E-Mail wird eine private Notiz: Nur Ihr Team sieht sie, der Kunde nicht.',
  'fact.contact': 'Kontakt',
  'fact.contact.notVerified': '{who}, nicht überprüft',
  'fact.company': 'Firma',
  'fact.others': 'Andere Konversationen',
  'fact.status': 'Status',
  'fact.team': 'Team',
  'fact.labels': 'Labels',
  'fact.priority': 'Priorität',
  'status.open': 'offen',
  'status.resolved': 'gelöst',
  'status.pending': 'ausstehend',
  'status.snoozed': 'zurückgestellt',
  'priority.low': 'niedrig',
  'priority.medium': 'mittel',
  'priority.high': 'hoch',
  'priority.urgent': 'dringend',

  'digest.subject.one': '1 E-Mail wartet auf eine Entscheidung',
  'digest.subject': '{count} E-Mails warten auf eine Entscheidung',
  'digest.title.one': 'Eine E-Mail ließ sich keiner Konversation zuordnen und wartet auf eine Entscheidung.',
  'digest.title': '{count} E-Mails ließen sich keiner Konversation zuordnen und warten auf eine Entscheidung.',
  'digest.title.many':
    'Mehr als {count} E-Mails ließen sich keiner Konversation zuordnen und warten auf eine Entscheidung.',
  'digest.noAuthor': 'kein Absender',
  'digest.noSubject': 'kein Betreff',
  'digest.open': 'Zurückgehaltene E-Mails ansehen',
  'digest.often':
    'Diese E-Mail kommt einmal am Tag, solange etwas zurückgehalten wird. Sie können sie in Ihren ' +
    'Benachrichtigungseinstellungen abschalten.',

  'held.subject': 'Nicht gesendet: Antwort',
  'held.subject.to': 'Nicht gesendet: Antwort zu Konversation {number}',
  'held.notSent': 'Ihre Antwort wurde nicht an den Kunden gesendet.',
  'held.notSent.to': 'Ihre Antwort zu Konversation {number} wurde nicht an den Kunden gesendet.',
  'held.notSent.of': 'Eine Antwort von {email} wird zurückgehalten und wurde nicht an den Kunden gesendet.',
  'held.notSent.of.to':
    'Eine Antwort von {email} zu Konversation {number} wird zurückgehalten und wurde nicht an den Kunden gesendet.',
  'held.why.agent-with-customer-token':
    'Sie ging an die Antwortadresse des Kunden; antworten kann man nur auf eine Benachrichtigung an einen selbst.',
  'held.why.agent-not-verified': 'Kein Mailserver, dem wir vertrauen, bestätigt, dass sie von Ihnen stammt.',
  'held.why.agent-mail-degraded': 'Nur ein Teil davon war lesbar.',
  'held.why.of.agent-not-verified': 'Kein Mailserver, dem wir vertrauen, bestätigt, dass sie von dieser Person stammt.',
  'held.itsSubject': 'Betreff: {subject}',
  'held.noSubject': '(keiner)',
  'held.todo.agent-with-customer-token':
    'Antworten Sie auf die Benachrichtigung, die Sie zu dieser Konversation erhalten haben.',
  'held.todo.agent-not-verified':
    'Bitten Sie Ihren Administrator, die Absenderprüfung einzurichten (AUTHSERV_ID sowie SPF, DKIM und DMARC Ihrer ' +
    'Domain), oder antworten Sie in der Konversation selbst.',
  'held.todo.agent-mail-degraded': 'Senden Sie sie noch einmal als reinen Text.',
  'held.sendOn': 'Ein Administrator kann sie auch weiterleiten: {command}',
  'held.notYou':
    'Wenn Sie diese E-Mail nicht geschrieben haben, hat jemand anderes Ihre Adresse benutzt, und Sie müssen nichts ' +
    'tun. Weitere Antworten, die innerhalb einer Stunde zurückgehalten werden, melden wir nicht.',
  'held.list': 'Alle zurückgehaltenen E-Mails: {command}',
  'held.sendAs':
    'Um sie im Namen des Agenten weiterzuleiten: {command}. Vergewissern Sie sich, dass der Agent sie geschrieben hat.',
  'held.further': 'Weitere Antworten, die heute zurückgehalten werden, melden wir den Administratoren nicht.',
  'held.open': 'Zurückgehaltene E-Mails ansehen',

  'undo.subject': 'Ihre Antwort an {name} geht um {time} hinaus',
  'undo.text': 'Ihre Antwort an {name} geht um {time} hinaus. Bis dahin können Sie sie anhalten.',
  'undo.button': 'Anhalten',
  'undo.commands': 'Schon ausgeführt, auch wenn Sie sie anhalten: {commands}',
  'undo.quiet':
    'Antworten Sie nicht auf diese E-Mail. Nach dieser Zeit sagt die Seite des Links nur noch, dass Ihre Antwort ' +
    'hinausgegangen ist.',

  'team.subject': '[{number}] Eine Regel hat auf eine Konversation in {inbox} reagiert',
  'team.place': 'Konversation {number}',

  'transfer.subject.import.completed': 'Import der Kontakte abgeschlossen',
  'transfer.subject.import.failed': 'Import der Kontakte fehlgeschlagen',
  'transfer.subject.export.completed': 'Export der Kontakte abgeschlossen',
  'transfer.subject.export.failed': 'Export der Kontakte fehlgeschlagen',
  'transfer.exported': 'Die Kontakte von {account} ({count}) stehen sieben Tage lang bereit:',
  'transfer.download': 'Kontakte herunterladen',
  'transfer.rows': 'Gelesene Zeilen: {count}.',
  'transfer.contacts': 'Angelegte Kontakte: {created}, aktualisierte: {changed}.',
  'transfer.refused': 'Abgelehnte Zeilen: {count}.',
  'transfer.refusedFile': 'Die abgelehnten Zeilen, jeweils mit den Gründen: {url} (mit Ihrem Zugriffstoken)',

  'code.subject': 'Ein Code zur Bestätigung dieser Adresse',
  'code.ask':
    'Jemand möchte die E-Mails an {email} in einem Posteingang empfangen. Um das zu erlauben, geben Sie dort diesen ' +
    'Code ein:',
  'code.until': 'Er gilt {hours} Stunden. Wenn Sie diese E-Mail nicht erwartet haben, geben Sie den Code nicht weiter.',

  'link.signIn.subject': 'Ihr Link zur Anmeldung',
  'link.signIn.text':
    'Jemand hat einen Link zur Anmeldung als {email} angefordert. Wenn Sie das waren, öffnen Sie ihn. Sonst ' +
    'geschieht nichts.',
  'link.signIn.button': 'Anmelden',
  'link.confirm.subject': 'Bestätigen Sie Ihre Adresse',
  'link.confirm.text':
    'Jemand möchte {email} für sein Konto verwenden. Wenn Sie das waren, bestätigen Sie es hier. Sonst geschieht ' +
    'nichts.',
  'link.confirm.button': 'Adresse bestätigen',
  'link.invite.subject': 'Sie sind eingeladen',
  'link.invite.text':
    'Sie sind eingeladen, im Konto „{account}“ mitzuarbeiten. Nehmen Sie hier an und melden Sie sich an. Wenn Sie ' +
    'das nicht möchten, geschieht nichts.',
  'link.invite.button': 'Einladung annehmen',
  'link.until.minutes': 'Der Link gilt {count} Minuten lang und nur einmal.',
  'link.until.day': 'Der Link gilt einen Tag lang und nur einmal.',
  'link.until.days': 'Der Link gilt {count} Tage lang und nur einmal.',

  'transcript.subject': '[{number}] Verlauf der Konversation',
  'transcript.empty': 'In dieser Konversation wurde noch nichts geschrieben.',
  'transcript.contact': 'Kontakt',
  'transcript.bot': 'Bot',

  'continuity.you': 'Sie',
  'continuity.earlier': 'Bisher in dieser Konversation',
  'continuity.proof':
    'Ein Besucher im Chat von {inbox} hat diese Adresse angegeben. Wenn Sie das waren, antworten Sie einfach auf ' +
    'diese E-Mail. Damit Sie Ihre E-Mails auch in diesem Chat sehen, öffnen Sie:',
  'continuity.proof.button': 'Meine E-Mails im Chat anzeigen',
  'continuity.proof.else': 'Wenn Sie es nicht waren, tun Sie nichts: Ihre E-Mails werden dort nicht angezeigt.',
  'continuity.footer': 'Antworten Sie auf diese E-Mail, um Ihre Konversation mit {inbox} fortzusetzen.',

  'page.confirm.title': 'Bestätigen Sie Ihre Adresse',
  'page.confirm.ask': '{email} wurde hier als Adresse eines Kontos angegeben. Bestätigen Sie das, wenn Sie es waren.',
  'page.confirm.button': 'Diese Adresse bestätigen',
  'page.confirm.done': 'Ihre Adresse ist bestätigt.',
  'page.invite.title': 'Nehmen Sie die Einladung an',
  'page.invite.ask': '{email} wurde eingeladen, im Konto „{account}“ mitzuarbeiten.',
  'page.invite.button': 'Einladung annehmen',
  'page.invite.done': 'Sie haben die Einladung angenommen.',
  'page.chat.title': 'Ist das Ihr Chat?',
  'page.chat.ask':
    'Ein Besucher in einem Chat von {account} hat die Adresse {email} angegeben. Wenn Sie bestätigen, dass Sie ' +
    'es waren, zeigt dieser Chat die Mails, die Sie von dieser Adresse schreiben, und die Antworten darauf. ' +
    'Bestätigen Sie keinen Chat, den Sie nicht begonnen haben.',
  'page.chat.button': 'Ja, das ist mein Chat',
  'page.chat.done': 'Danke. Der Chat zeigt jetzt Ihre Mails.',
  'page.stop.title': 'Ihre Antwort anhalten?',
  'page.stop.ask': 'Ihre Antwort an {name} geht um {time} hinaus.',
  'page.stop.button': 'Anhalten',
  'page.stop.commands': 'Die Befehle Ihrer Mail wurden sofort ausgeführt und bleiben es: {commands}.',
  'page.stopped.title': 'Angehalten',
  'page.stopped.text': 'Ihre Antwort an {name} wurde angehalten. Es ging keine Mail hinaus.',
  'page.stopped.draft': 'Ihre Worte stehen unten und als Entwurf in Konversation {number}.',
  'page.stopped.otherDraft':
    'Ihre Worte stehen unten. In Konversation {number} haben Sie einen anderen Entwurf, der erhalten blieb.',
  'page.stopped.reopened': 'Die Konversation ist aber wieder offen, weil sie keine Antwort hat.',
  'page.left.title': 'Sie ist hinausgegangen',
  'page.left.text': 'Ihre Antwort an {name} ging hinaus: {time}. Sie kann nicht mehr angehalten werden.',
  'page.deleted.title': 'Gelöscht',
  'page.deleted.text': 'Ihre Antwort an {name} wurde gelöscht.',
  'page.tooLate.title': 'Sie kann nicht mehr angehalten werden',
  'page.tooLate.failed': 'Ihre Antwort an {name} konnte nicht zugestellt werden. Die Konversation sagt, warum.',
  'page.tooLate.leaving': 'Ihre Antwort an {name} geht gerade hinaus. Die Konversation zeigt, wann sie hinausging.',
  'page.done': 'Erledigt',
  'page.customer': 'den Kunden',
  'page.gone.title': 'Link ungültig',
  'page.gone.text': 'Dieser Link ist nicht mehr gültig: Er wurde benutzt oder ist zu alt. Fordern Sie einen neuen an.',
}
