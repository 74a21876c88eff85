// The fixed sentences of outgoing mail in Spanish, with the formal address of business mail.

import type { Texts } from './texts.ts'

export const es: Texts = {
  attachments: 'Archivos adjuntos:',
  attachment: 'archivo adjunto: {name}',
  'attachments.more': 'y {count} más',
  'subject.conversation': 'Su conversación con {account}',
  'from.friendly': '{agent} de {business}',
  'from.via': '{author} a través de {inbox}',
  'from.via.notVerified': '{author}, a través de {inbox}',
  'quote.intro': 'El {date}, {name} escribió:',
  'settings.reason': 'Recibe este correo según su configuración de notificaciones.',
  'settings.change': 'Cambiarla',

  'author.none': 'Un remitente sin dirección',
  'author.label.notVerified': '{who}, no verificado',
  'author.wrote': '{who} ha escrito.',
  'author.wrote.filed':
    '{who} ha escrito un correo que una persona archivó aquí a mano, en la conversación de {owner}.',
  'author.wrote.viaOther': '{who} ha escrito a la dirección de respuesta de {owner}, que no es la suya.',
  'author.wrote.in': '{who} ha escrito en la conversación de {owner}.',
  'author.verified': 'El remitente está verificado.',
  'author.notVerified': 'El remitente no está verificado: la dirección puede ser falsa.',

  'notice.subject': 'Mensaje nuevo',
  'notice.assigned': 'Se le ha asignado automáticamente la conversación {number}.',
  'notice.assigned.by': '{by} le ha asignado la conversación {number}.',
  'notice.above': 'Responda por encima de esta línea',
  'notice.answer': 'Responda a este correo para contestar al cliente: lo que escriba se enviará a {email}.',
  'notice.answer.none':
    'El cliente de esta conversación no tiene dirección de correo: una respuesta a este mensaje se queda en la ' +
    'conversación.',
  'notice.commands': 'Las primeras líneas de su respuesta pueden tener órdenes como #resolve o #snooze 2d.',
  'notice.place': 'Conversación {number} en {inbox}, asignada a: {assignee}.',
  'notice.open': 'Abrir la conversación',
  'assignee.you': 'usted',
  'assignee.nobody': 'nadie',
  'fact.conversation': 'Conversación',
  'fact.inbox': 'Bandeja de entrada',
  'fact.assignee': 'Asignada a',
  'fact.file': 'Archivo',
  'notice.many': '{count} mensajes nuevos en la conversación {number}.',
  'notice.many.more': '{count} mensajes nuevos en la conversación {number}; estos son los más recientes.',
  'notice.mentioned': '{by} le ha mencionado en una nota privada de la conversación {number}.',
  'notice.private': 'Su respuesta a este correo será una nota privada: solo la ve su equipo, el cliente no.',
  'fact.contact': 'Contacto',
  'fact.contact.notVerified': '{who}, sin verificar',
  'fact.company': 'Empresa',
  'fact.others': 'Otras conversaciones',
  'fact.status': 'Estado',
  'fact.team': 'Equipo',
  'fact.labels': 'Etiquetas',
  'fact.priority': 'Prioridad',
  'status.open': 'abierta',
  'status.resolved': 'resuelta',
  'status.pending': 'pendiente',
  'status.snoozed': 'pospuesta',
  'priority.low': 'baja',
  'priority.medium': 'media',
  'priority.high': 'alta',
  'priority.urgent': 'urgente',

  'digest.subject.one': '1 correo espera una decisión',
  'digest.subject': '{count} correos esperan una decisión',
  'digest.title.one': 'Un correo no se pudo asociar a ninguna conversación y espera una decisión.',
  'digest.title': '{count} correos no se pudieron asociar a ninguna conversación y esperan una decisión.',
  'digest.title.many': 'Más de {count} correos no se pudieron asociar a ninguna conversación y esperan una decisión.',
  'digest.noAuthor': 'sin autor',
  'digest.noSubject': 'sin asunto',
  'digest.open': 'Ver los correos retenidos',
  'digest.often':
    'Este mensaje se envía una vez al día mientras haya correos retenidos. Puede desactivarlo en su configuración de ' +
    'notificaciones.',

  'held.subject': 'No enviada: respuesta',
  'held.subject.to': 'No enviada: respuesta a la conversación {number}',
  'held.notSent': 'Su respuesta no se ha enviado al cliente.',
  'held.notSent.to': 'Su respuesta a la conversación {number} no se ha enviado al cliente.',
  'held.notSent.of': 'Una respuesta de {email} está retenida y no se ha enviado al cliente.',
  'held.notSent.of.to':
    'Una respuesta de {email} a la conversación {number} está retenida y no se ha enviado al cliente.',
  'held.why.agent-with-customer-token':
    'Se envió a la dirección de respuesta del cliente, y un agente solo puede responder a su propia notificación.',
  'held.why.agent-not-verified': 'Ningún servidor de correo de confianza confirma que sea suya.',
  'held.why.agent-mail-degraded': 'Solo se pudo leer una parte.',
  'held.why.of.agent-not-verified': 'Ningún servidor de correo de confianza confirma que sea de este agente.',
  'held.itsSubject': 'Asunto: {subject}',
  'held.noSubject': '(ninguno)',
  'held.todo.agent-with-customer-token': 'Responda a la notificación que recibió sobre esta conversación.',
  'held.todo.agent-not-verified':
    'Pida a su administrador que configure la autenticación de remitentes (AUTHSERV_ID, y SPF, DKIM y DMARC de su ' +
    'dominio), o responda en la propia conversación.',
  'held.todo.agent-mail-degraded': 'Envíela de nuevo como texto sin formato.',
  'held.sendOn': 'Un administrador también puede enviarla: {command}',
  'held.notYou':
    'Si usted no escribió este correo, otra persona ha usado su dirección y no tiene que hacer nada. No se avisa de ' +
    'otras respuestas retenidas durante una hora.',
  'held.list': 'Todos los correos retenidos: {command}',
  'held.sendAs': 'Para enviarla en nombre del agente: {command}. Asegúrese de que el agente la escribió.',
  'held.further': 'No se avisa a los administradores de otras respuestas retenidas hoy.',
  'held.open': 'Ver los correos retenidos',

  'undo.subject': 'Su respuesta a {name} sale a las {time}',
  'undo.text': 'Su respuesta a {name} sale a las {time}. Hasta entonces puede detenerla.',
  'undo.button': 'Detenerla',
  'undo.commands': 'Ya está hecho, aunque la detenga: {commands}',
  'undo.quiet':
    'No responda a este correo. Después de esa hora, la página del enlace solo dice que su respuesta ha salido.',

  'team.subject': '[{number}] Una regla ha actuado en una conversación de {inbox}',
  'team.place': 'Conversación {number}',

  'transfer.subject.import.completed': 'Importación de contactos terminada',
  'transfer.subject.import.failed': 'Error en la importación de contactos',
  'transfer.subject.export.completed': 'Exportación de contactos terminada',
  'transfer.subject.export.failed': 'Error en la exportación de contactos',
  'transfer.exported': 'Los contactos de {account} ({count}) están disponibles durante siete días:',
  'transfer.download': 'Descargar los contactos',
  'transfer.rows': 'Filas leídas: {count}.',
  'transfer.contacts': 'Contactos creados: {created}, actualizados: {changed}.',
  'transfer.refused': 'Filas rechazadas: {count}.',
  'transfer.refusedFile': 'Las filas rechazadas, cada una con sus motivos: {url} (con su token de acceso)',

  'code.subject': 'Un código para confirmar esta dirección',
  'code.ask':
    'Alguien quiere recibir el correo de {email} en una bandeja de entrada. Para permitirlo, introduzca allí este ' +
    'código:',
  'code.until': 'Es válido durante {hours} horas. Si no esperaba este correo, no comparta el código.',

  'link.signIn.subject': 'Su enlace para iniciar sesión',
  'link.signIn.text':
    'Alguien ha pedido un enlace para iniciar sesión como {email}. Si ha sido usted, ábralo. Si no, no ocurre nada.',
  'link.signIn.button': 'Iniciar sesión',
  'link.confirm.subject': 'Confirme su dirección',
  'link.confirm.text':
    'Alguien ha pedido usar {email} para su cuenta. Si ha sido usted, confírmelo aquí. Si no, no ocurre nada.',
  'link.confirm.button': 'Confirmar la dirección',
  'link.invite.subject': 'Tiene una invitación',
  'link.invite.text':
    'Le invitan a trabajar en la cuenta «{account}». Acepte e inicie sesión aquí. Si no lo desea, no ocurre nada.',
  'link.invite.button': 'Aceptar la invitación',
  'link.until.minutes': 'El enlace es válido durante {count} minutos, una sola vez.',
  'link.until.day': 'El enlace es válido durante un día, una sola vez.',
  'link.until.days': 'El enlace es válido durante {count} días, una sola vez.',

  'transcript.subject': '[{number}] Transcripción de la conversación',
  'transcript.empty': 'Todavía no se ha escrito nada en esta conversación.',
  'transcript.contact': 'Contacto',
  'transcript.bot': 'Bot',

  'continuity.you': 'Usted',
  'continuity.earlier': 'Antes en esta conversación',
  'continuity.proof':
    'Un visitante del chat de {inbox} ha indicado esta dirección. Si ha sido usted, responda a este correo. Para ver ' +
    'también sus correos en ese chat, abra:',
  'continuity.proof.button': 'Mostrar mis correos en el chat',
  'continuity.proof.else': 'Si no ha sido usted, no haga nada: sus correos no se muestran allí.',
  'continuity.footer': 'Responda a este correo para continuar su conversación con {inbox}.',

  'page.confirm.title': 'Confirme su dirección',
  'page.confirm.ask': '{email} se indicó aquí como dirección de una cuenta. Confírmela si fue usted.',
  'page.confirm.button': 'Confirmar esta dirección',
  'page.confirm.done': 'Su dirección está confirmada.',
  'page.invite.title': 'Acepte la invitación',
  'page.invite.ask': 'Se invitó a {email} a trabajar en la cuenta «{account}».',
  'page.invite.button': 'Aceptar la invitación',
  'page.invite.done': 'Ha aceptado la invitación.',
  'page.chat.title': '¿Es suyo este chat?',
  'page.chat.ask':
    'Un visitante en un chat de {account} dio la dirección {email}. Si confirma que fue usted, ese chat mostrará ' +
    'los correos que escriba desde esta dirección y sus respuestas. No confirme un chat que no haya empezado.',
  'page.chat.button': 'Sí, este chat es mío',
  'page.chat.done': 'Gracias. El chat ya muestra sus correos.',
  'page.stop.title': '¿Detener su respuesta?',
  'page.stop.ask': 'Su respuesta a {name} sale a las {time}.',
  'page.stop.button': 'Detenerla',
  'page.stop.commands': 'Las órdenes de su correo se ejecutaron enseguida y no se deshacen: {commands}.',
  'page.stopped.title': 'Detenida',
  'page.stopped.text': 'Su respuesta a {name} se detuvo. No se envió ningún correo.',
  'page.stopped.draft': 'Su texto está abajo y es su borrador en la conversación {number}.',
  'page.stopped.otherDraft':
    'Su texto está abajo. Tiene otro borrador en la conversación {number}, que se ha conservado.',
  'page.stopped.reopened': 'Pero la conversación está abierta de nuevo, porque no tiene respuesta.',
  'page.left.title': 'Ya salió',
  'page.left.text': 'Su respuesta a {name} ya salió: {time}. Ya no se puede detener.',
  'page.deleted.title': 'Eliminada',
  'page.deleted.text': 'Su respuesta a {name} se eliminó.',
  'page.tooLate.title': 'Ya no se puede detener',
  'page.tooLate.failed': 'Su respuesta a {name} no se pudo entregar. La conversación dice por qué.',
  'page.tooLate.leaving': 'Su respuesta a {name} está saliendo. La conversación muestra cuándo ha salido.',
  'page.done': 'Hecho',
  'page.customer': 'su cliente',
  'page.gone.title': 'Enlace no válido',
  'page.gone.text': 'Este enlace ya no es válido: se ha usado o es demasiado antiguo. Pida otro.',
}
