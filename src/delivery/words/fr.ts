// The fixed sentences of outgoing mail in French, with the formal address of business mail.

import type { Texts } from './texts.ts'

export const fr: Texts = {
  attachments: 'Pièces jointes :',
  attachment: 'pièce jointe : {name}',
  'attachments.more': 'et {count} autres',
  'subject.conversation': 'Votre conversation avec {account}',
  'from.friendly': '{agent} de {business}',
  'from.via': '{author} via {inbox}',
  'from.via.notVerified': '{author}, via {inbox}',
  'quote.intro': 'Le {date}, {name} a écrit :',
  'settings.reason': 'Vous recevez cet e-mail en raison de vos paramètres de notification.',
  'settings.change': 'Les modifier',

  'author.none': 'Un expéditeur sans adresse',
  'author.label.notVerified': '{who}, non vérifié',
  'author.wrote': '{who} a écrit.',
  'author.wrote.filed':
    '{who} a écrit un e-mail qu’une personne a classé ici à la main, dans la conversation de {owner}.',
  'author.wrote.viaOther': '{who} a écrit à l’adresse de réponse de {owner}, qui n’est pas la sienne.',
  'author.wrote.in': '{who} a écrit dans la conversation de {owner}.',
  'author.verified': 'L’expéditeur est vérifié.',
  'author.notVerified': 'L’expéditeur n’est pas vérifié : l’adresse peut être falsifiée.',

  'notice.subject': 'Nouveau message',
  'notice.assigned': 'La conversation {number} vous a été attribuée automatiquement.',
  'notice.assigned.by': 'La conversation {number} vous a été attribuée par {by}.',
  'notice.above': 'Répondez au-dessus de cette ligne',
  'notice.answer': 'Répondez à cet e-mail pour répondre au client : votre texte sera envoyé à {email}.',
  'notice.answer.none':
    'Le client de cette conversation n’a pas d’adresse e-mail : une réponse à cet e-mail reste dans la conversation.',
  'notice.commands':
    'Des commandes comme #resolve ou #snooze 2d peuvent figurer aux premières lignes de votre réponse.',
  'notice.place': 'Conversation {number} dans {inbox}, attribuée à : {assignee}.',
  'notice.open': 'Ouvrir la conversation',
  'assignee.you': 'vous',
  'assignee.nobody': 'personne',
  'fact.conversation': 'Conversation',
  'fact.inbox': 'Boîte de réception',
  'fact.assignee': 'Attribuée à',
  'fact.file': 'Fichier',
  'notice.many': '{count} nouveaux messages dans la conversation {number}.',
  'notice.many.more': '{count} nouveaux messages dans la conversation {number} ; voici les plus récents.',
  'notice.mentioned': '{by} vous a mentionné dans une note privée de la conversation {number}.',
  'notice.private': 'Votre réponse à cet e-mail devient une note privée : seule votre équipe la voit, pas le client.',
  'fact.contact': 'Contact',
  'fact.contact.notVerified': '{who}, non vérifié',
  'fact.company': 'Entreprise',
  'fact.others': 'Autres conversations',
  'fact.status': 'Statut',
  'fact.team': 'Équipe',
  'fact.labels': 'Étiquettes',
  'fact.priority': 'Priorité',
  'status.open': 'ouverte',
  'status.resolved': 'résolue',
  'status.pending': 'en attente',
  'status.snoozed': 'reportée',
  'priority.low': 'basse',
  'priority.medium': 'moyenne',
  'priority.high': 'haute',
  'priority.urgent': 'urgente',

  'digest.subject.one': '1 e-mail attend une décision',
  'digest.subject': '{count} e-mails attendent une décision',
  'digest.title.one': 'Un e-mail n’a pu être rattaché à aucune conversation et attend une décision.',
  'digest.title': '{count} e-mails n’ont pu être rattachés à aucune conversation et attendent une décision.',
  'digest.title.many':
    'Plus de {count} e-mails n’ont pu être rattachés à aucune conversation et attendent une décision.',
  'digest.noAuthor': 'sans auteur',
  'digest.noSubject': 'sans objet',
  'digest.open': 'Voir les e-mails retenus',
  'digest.often':
    'Ce message est envoyé une fois par jour tant que des e-mails sont retenus. Vous pouvez le désactiver dans vos ' +
    'paramètres de notification.',

  'held.subject': 'Non envoyée : réponse',
  'held.subject.to': 'Non envoyée : réponse à la conversation {number}',
  'held.notSent': 'Votre réponse n’a pas été envoyée au client.',
  'held.notSent.to': 'Votre réponse à la conversation {number} n’a pas été envoyée au client.',
  'held.notSent.of': 'Une réponse de {email} est retenue et n’a pas été envoyée au client.',
  'held.notSent.of.to':
    'Une réponse de {email} à la conversation {number} est retenue et n’a pas été envoyée au client.',
  'held.why.agent-with-customer-token':
    'Elle a été envoyée à l’adresse de réponse du client ; un agent ne peut répondre qu’à sa propre notification.',
  'held.why.agent-not-verified': 'Aucun serveur de messagerie de confiance ne confirme qu’elle vient de vous.',
  'held.why.agent-mail-degraded': 'Seule une partie a pu être lue.',
  'held.why.of.agent-not-verified': 'Aucun serveur de messagerie de confiance ne confirme qu’elle vient de cet agent.',
  'held.itsSubject': 'Objet : {subject}',
  'held.noSubject': '(aucun)',
  'held.todo.agent-with-customer-token': 'Répondez à la notification que vous avez reçue sur cette conversation.',
  'held.todo.agent-not-verified':
    'Demandez à votre administrateur de configurer l’authentification des expéditeurs (AUTHSERV_ID, et SPF, DKIM et ' +
    'DMARC de votre domaine), ou répondez dans la conversation elle-même.',
  'held.todo.agent-mail-degraded': 'Envoyez-la de nouveau en texte brut.',
  'held.sendOn': 'Un administrateur peut aussi la transmettre : {command}',
  'held.notYou':
    'Si vous n’avez pas écrit cet e-mail, une autre personne a utilisé votre adresse et vous n’avez rien à faire. ' +
    'Les autres réponses retenues dans l’heure ne sont pas annoncées.',
  'held.list': 'Tous les e-mails retenus : {command}',
  'held.sendAs': 'Pour la transmettre au nom de l’agent : {command}. Assurez-vous que l’agent l’a bien écrite.',
  'held.further': 'Les autres réponses retenues aujourd’hui ne sont pas annoncées aux administrateurs.',
  'held.open': 'Voir les e-mails retenus',

  'undo.subject': 'Votre réponse à {name} part à {time}',
  'undo.text': 'Votre réponse à {name} part à {time}. D’ici là, vous pouvez l’arrêter.',
  'undo.button': 'L’arrêter',
  'undo.commands': 'Déjà fait, même si vous l’arrêtez : {commands}',
  'undo.quiet':
    'Ne répondez pas à cet e-mail. Après cette heure, la page du lien dit seulement que votre réponse est partie.',

  'team.subject': '[{number}] Une règle s’est appliquée à une conversation dans {inbox}',
  'team.place': 'Conversation {number}',

  'transfer.subject.import.completed': 'Importation des contacts terminée',
  'transfer.subject.import.failed': 'Échec de l’importation des contacts',
  'transfer.subject.export.completed': 'Exportation des contacts terminée',
  'transfer.subject.export.failed': 'Échec de l’exportation des contacts',
  'transfer.exported': 'Les contacts de {account} ({count}) sont disponibles pendant sept jours :',
  'transfer.download': 'Télécharger les contacts',
  'transfer.rows': 'Lignes lues : {count}.',
  'transfer.contacts': 'Contacts créés : {created}, mis à jour : {changed}.',
  'transfer.refused': 'Lignes refusées : {count}.',
  'transfer.refusedFile': 'Les lignes refusées, chacune avec ses raisons : {url} (avec votre jeton d’accès)',

  'code.subject': 'Un code pour confirmer cette adresse',
  'code.ask':
    'Quelqu’un souhaite recevoir les e-mails adressés à {email} dans une boîte de réception. Pour l’autoriser, ' +
    'saisissez-y ce code :',
  'code.until': 'Il est valable {hours} heures. Si vous n’attendiez pas cet e-mail, ne communiquez ce code à personne.',

  'link.signIn.subject': 'Votre lien de connexion',
  'link.signIn.text':
    'Quelqu’un a demandé un lien pour se connecter avec {email}. Si c’était vous, ouvrez-le. Sinon, il ne se passe ' +
    'rien.',
  'link.signIn.button': 'Se connecter',
  'link.confirm.subject': 'Confirmez votre adresse',
  'link.confirm.text':
    'Quelqu’un a demandé à utiliser {email} pour son compte. Si c’était vous, confirmez-le ici. Sinon, il ne se ' +
    'passe rien.',
  'link.confirm.button': 'Confirmer l’adresse',
  'link.invite.subject': 'Vous êtes invité',
  'link.invite.text':
    'Vous êtes invité à travailler dans le compte « {account} ». Acceptez et connectez-vous ici. Si vous ne le ' +
    'souhaitez pas, il ne se passe rien.',
  'link.invite.button': 'Accepter l’invitation',
  'link.until.minutes': 'Le lien est valable {count} minutes, une seule fois.',
  'link.until.day': 'Le lien est valable un jour, une seule fois.',
  'link.until.days': 'Le lien est valable {count} jours, une seule fois.',

  'transcript.subject': '[{number}] Transcription de la conversation',
  'transcript.empty': 'Rien n’a encore été écrit dans cette conversation.',
  'transcript.contact': 'Contact',
  'transcript.bot': 'Bot',

  'continuity.you': 'Vous',
  'continuity.earlier': 'Précédemment dans cette conversation',
  'continuity.proof':
    'Un visiteur du chat de {inbox} a indiqué cette adresse. Si c’était vous, répondez simplement à cet e-mail. Pour ' +
    'voir aussi vos e-mails dans ce chat, ouvrez :',
  'continuity.proof.button': 'Afficher mes e-mails dans le chat',
  'continuity.proof.else': 'Si ce n’était pas vous, ne faites rien : vos e-mails n’y sont pas affichés.',
  'continuity.footer': 'Répondez à cet e-mail pour poursuivre votre conversation avec {inbox}.',

  'page.confirm.title': 'Confirmez votre adresse',
  'page.confirm.ask': '{email} a été indiquée ici comme adresse d’un compte. Confirmez-la si c’était vous.',
  'page.confirm.button': 'Confirmer cette adresse',
  'page.confirm.done': 'Votre adresse est confirmée.',
  'page.invite.title': 'Acceptez l’invitation',
  'page.invite.ask': '{email} a été invité à travailler dans le compte « {account} ».',
  'page.invite.button': 'Accepter l’invitation',
  'page.invite.done': 'Vous avez accepté l’invitation.',
  'page.chat.title': 'Est-ce votre conversation ?',
  'page.chat.ask':
    'Un visiteur dans un chat de {account} a donné l’adresse {email}. Si vous confirmez que c’était vous, ce ' +
    'chat affichera les e-mails que vous écrivez depuis cette adresse et leurs réponses. Ne confirmez pas un ' +
    'chat que vous n’avez pas commencé.',
  'page.chat.button': 'Oui, c’est mon chat',
  'page.chat.done': 'Merci. Le chat affiche maintenant vos e-mails.',
  'page.stop.title': 'Arrêter votre réponse ?',
  'page.stop.ask': 'Votre réponse à {name} part à {time}.',
  'page.stop.button': 'L’arrêter',
  'page.stop.commands': 'Les commandes de votre e-mail ont été exécutées aussitôt et le restent : {commands}.',
  'page.stopped.title': 'Arrêtée',
  'page.stopped.text': 'Votre réponse à {name} a été arrêtée. Aucun e-mail n’est parti.',
  'page.stopped.draft': 'Votre texte est ci-dessous, et c’est votre brouillon dans la conversation {number}.',
  'page.stopped.otherDraft':
    'Votre texte est ci-dessous. Vous avez un autre brouillon dans la conversation {number} ; il a été conservé.',
  'page.stopped.reopened': 'Mais la conversation est de nouveau ouverte, car elle n’a pas de réponse.',
  'page.left.title': 'Elle est partie',
  'page.left.text': 'Votre réponse à {name} est partie : {time}. On ne peut plus l’arrêter.',
  'page.deleted.title': 'Supprimée',
  'page.deleted.text': 'Votre réponse à {name} a été supprimée.',
  'page.tooLate.title': 'On ne peut plus l’arrêter',
  'page.tooLate.failed': 'Votre réponse à {name} n’a pas pu être remise. La conversation en donne la raison.',
  'page.tooLate.leaving':
    'Votre réponse à {name} est en train de partir. La conversation montre quand elle est partie.',
  'page.done': 'C’est fait',
  'page.customer': 'votre client',
  'page.gone.title': 'Lien non valable',
  'page.gone.text': 'Ce lien n’est plus valable : il a été utilisé ou il est trop ancien. Demandez-en un autre.',
}
