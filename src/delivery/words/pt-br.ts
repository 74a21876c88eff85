// The fixed sentences of outgoing mail in the Portuguese of Brazil, where "você" is the address of business mail.

import type { Texts } from './texts.ts'

export const ptBr: Texts = {
  attachments: 'Anexos:',
  attachment: 'anexo: {name}',
  'attachments.more': 'e mais {count}',
  'subject.conversation': 'Sua conversa com {account}',
  'from.friendly': '{agent} da {business}',
  'from.via': '{author} via {inbox}',
  'quote.intro': 'Em {date}, {name} escreveu:',
  'settings.reason': 'Você recebe este e-mail por causa das suas configurações de notificação.',
  'settings.change': 'Alterar',

  'author.none': 'Um remetente sem endereço',
  'author.label.notVerified': '{who}, não verificado,',
  'author.wrote': '{who} escreveu.',
  'author.wrote.filed': '{who} escreveu um e-mail que uma pessoa arquivou aqui manualmente, na conversa de {owner}.',
  'author.wrote.viaOther': '{who} escreveu para o endereço de resposta de {owner}, que não é o seu próprio.',
  'author.wrote.in': '{who} escreveu na conversa de {owner}.',
  'author.verified': 'O remetente está verificado.',
  'author.notVerified': 'O remetente não está verificado: o endereço pode ser falso.',

  'notice.subject': 'Nova mensagem',
  'notice.assigned': 'A conversa {number} foi atribuída a você automaticamente.',
  'notice.assigned.by': 'A conversa {number} foi atribuída a você por {by}.',
  'notice.above': 'Responda acima desta linha',
  'notice.answer': 'Responda a este e-mail para responder ao cliente: o que você escrever será enviado para {email}.',
  'notice.answer.none':
    'O cliente desta conversa não tem endereço de e-mail: uma resposta a este e-mail fica na conversa.',
  'notice.commands': 'As primeiras linhas da sua resposta podem ter comandos como #resolve ou #snooze 2d.',
  'notice.place': 'Conversa {number} em {inbox}, atribuída a: {assignee}.',
  'notice.open': 'Abrir a conversa',
  'assignee.you': 'você',
  'assignee.nobody': 'ninguém',
  'fact.conversation': 'Conversa',
  'fact.inbox': 'Caixa de entrada',
  'fact.assignee': 'Atribuída a',
  'fact.file': 'Arquivo',
  'notice.many': '{count} mensagens novas na conversa {number}.',
  'notice.many.more': '{count} mensagens novas na conversa {number}; estas são as mais recentes.',
  'notice.mentioned': '{by} mencionou você em uma nota privada da conversa {number}.',
  'notice.private': 'A sua resposta a este e-mail vira uma nota privada: só a sua equipe a vê, o cliente não.',
  'fact.contact': 'Contato',
  'fact.contact.notVerified': '{who}, não verificado',
  'fact.company': 'Empresa',
  'fact.others': 'Outras conversas',
  'fact.status': 'Status',
  'fact.team': 'Equipe',
  'fact.labels': 'Etiquetas',
  'fact.priority': 'Prioridade',
  'status.open': 'aberta',
  'status.resolved': 'resolvida',
  'status.pending': 'pendente',
  'status.snoozed': 'adiada',
  'priority.low': 'baixa',
  'priority.medium': 'média',
  'priority.high': 'alta',
  'priority.urgent': 'urgente',

  'digest.subject.one': '1 e-mail aguarda uma decisão',
  'digest.subject': '{count} e-mails aguardam uma decisão',
  'digest.title.one': 'Um e-mail não pôde ser associado a nenhuma conversa e aguarda uma decisão.',
  'digest.title': '{count} e-mails não puderam ser associados a nenhuma conversa e aguardam uma decisão.',
  'digest.title.many': 'Mais de {count} e-mails não puderam ser associados a nenhuma conversa e aguardam uma decisão.',
  'digest.noAuthor': 'sem autor',
  'digest.noSubject': 'sem assunto',
  'digest.open': 'Ver os e-mails retidos',
  'digest.often':
    'Este e-mail é enviado uma vez por dia enquanto houver e-mails retidos. Você pode desativá-lo nas suas ' +
    'configurações de notificação.',

  'held.subject': 'Não enviada: resposta',
  'held.subject.to': 'Não enviada: resposta à conversa {number}',
  'held.notSent': 'Sua resposta não foi enviada ao cliente.',
  'held.notSent.to': 'Sua resposta à conversa {number} não foi enviada ao cliente.',
  'held.notSent.of': 'Uma resposta de {email} está retida e não foi enviada ao cliente.',
  'held.notSent.of.to': 'Uma resposta de {email} à conversa {number} está retida e não foi enviada ao cliente.',
  'held.why.agent-with-customer-token':
    'Ela foi enviada ao endereço de resposta do cliente, e um agente só pode responder à sua própria notificação.',
  'held.why.agent-not-verified': 'Nenhum servidor de e-mail confiável confirma que ela é sua.',
  'held.why.agent-mail-degraded': 'Só uma parte pôde ser lida.',
  'held.why.of.agent-not-verified': 'Nenhum servidor de e-mail confiável confirma que ela é deste agente.',
  'held.itsSubject': 'Assunto: {subject}',
  'held.noSubject': '(nenhum)',
  'held.todo.agent-with-customer-token': 'Responda à notificação que você recebeu sobre esta conversa.',
  'held.todo.agent-not-verified':
    'Peça ao administrador que configure a autenticação de remetentes (AUTHSERV_ID, e SPF, DKIM e DMARC do seu ' +
    'domínio), ou responda na própria conversa.',
  'held.todo.agent-mail-degraded': 'Envie-a novamente como texto simples.',
  'held.sendOn': 'Um administrador também pode enviá-la: {command}',
  'held.notYou':
    'Se você não escreveu este e-mail, outra pessoa usou o seu endereço e você não precisa fazer nada. Outras ' +
    'respostas retidas dentro de uma hora não são avisadas.',
  'held.list': 'Todos os e-mails retidos: {command}',
  'held.sendAs': 'Para enviá-la em nome do agente: {command}. Certifique-se de que o agente a escreveu.',
  'held.further': 'Outras respostas retidas hoje não são avisadas aos administradores.',
  'held.open': 'Ver os e-mails retidos',

  'undo.subject': 'Sua resposta a {name} sai às {time}',
  'undo.text': 'Sua resposta a {name} sai às {time}. Até lá, você pode cancelar o envio.',
  'undo.button': 'Cancelar o envio',
  'undo.commands': 'Já feito, mesmo se você cancelar o envio: {commands}',
  'undo.quiet': 'Não responda a este e-mail. Depois dessa hora, a página do link diz apenas que sua resposta já saiu.',

  'team.subject': '[{number}] Uma regra agiu em uma conversa em {inbox}',
  'team.place': 'Conversa {number}',

  'transfer.subject.import.completed': 'Importação de contatos concluída',
  'transfer.subject.import.failed': 'Falha na importação de contatos',
  'transfer.subject.export.completed': 'Exportação de contatos concluída',
  'transfer.subject.export.failed': 'Falha na exportação de contatos',
  'transfer.exported': 'Os contatos de {account} ({count}) estão disponíveis por sete dias:',
  'transfer.download': 'Baixar os contatos',
  'transfer.rows': 'Linhas lidas: {count}.',
  'transfer.contacts': 'Contatos criados: {created}, atualizados: {changed}.',
  'transfer.refused': 'Linhas recusadas: {count}.',
  'transfer.refusedFile': 'As linhas recusadas, cada uma com seus motivos: {url} (com o seu token de acesso)',

  'code.subject': 'Um código para confirmar este endereço',
  'code.ask':
    'Alguém quer receber os e-mails de {email} em uma caixa de entrada. Para permitir isso, digite lá este código:',
  'code.until': 'Ele é válido por {hours} horas. Se você não esperava este e-mail, não compartilhe o código.',

  'link.signIn.subject': 'Seu link para entrar',
  'link.signIn.text':
    'Alguém pediu um link para entrar como {email}. Se foi você, abra-o. Caso contrário, nada acontece.',
  'link.signIn.button': 'Entrar',
  'link.confirm.subject': 'Confirme seu endereço',
  'link.confirm.text':
    'Alguém pediu para usar {email} em sua conta. Se foi você, confirme aqui. Caso contrário, nada acontece.',
  'link.confirm.button': 'Confirmar o endereço',
  'link.invite.subject': 'Você recebeu um convite',
  'link.invite.text':
    'Você foi convidado a trabalhar na conta "{account}". Aceite e entre aqui. Se não quiser, nada acontece.',
  'link.invite.button': 'Aceitar o convite',
  'link.until.minutes': 'O link é válido por {count} minutos, uma única vez.',
  'link.until.day': 'O link é válido por um dia, uma única vez.',
  'link.until.days': 'O link é válido por {count} dias, uma única vez.',

  'transcript.subject': '[{number}] Transcrição da conversa',
  'transcript.empty': 'Nada foi escrito nesta conversa ainda.',
  'transcript.contact': 'Contato',
  'transcript.bot': 'Bot',

  'continuity.you': 'Você',
  'continuity.earlier': 'Antes nesta conversa',
  'continuity.proof':
    'Um visitante do chat de {inbox} informou este endereço. Se foi você, basta responder a este e-mail. Para ver ' +
    'seus e-mails também nesse chat, abra:',
  'continuity.proof.button': 'Mostrar meus e-mails no chat',
  'continuity.proof.else': 'Se não foi você, não faça nada: seus e-mails não são mostrados lá.',
  'continuity.footer': 'Responda a este e-mail para continuar sua conversa com {inbox}.',
}
