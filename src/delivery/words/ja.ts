// The fixed sentences of outgoing mail in Japanese, in the polite style of business mail.

import type { Texts } from './texts.ts'

export const ja: Texts = {
  attachments: '添付ファイル：',
  attachment: '添付ファイル：{name}',
  'attachments.more': '他{count}件',
  'subject.conversation': '{account}とのお問い合わせについて',
  'from.friendly': '{agent}（{business}）',
  'from.via': '{author}（{inbox}経由）',
  'quote.intro': '{date}、{name}さんは書きました：',
  'settings.reason': 'このメールは通知設定に基づいてお送りしています。',
  'settings.change': '設定を変更する',

  'author.none': 'アドレスのない差出人',
  'author.label.notVerified': '{who}（未確認）',
  'author.wrote': '{who}さんからのメッセージです。',
  'author.wrote.filed': '{who}さんからのメールです。担当者が手動で{owner}さんの会話に振り分けました。',
  'author.wrote.viaOther':
    '{who}さんからのメッセージです。本人のものではない、{owner}さんの返信用アドレス宛てに届きました。',
  'author.wrote.in': '{owner}さんの会話への、{who}さんからのメッセージです。',
  'author.verified': '差出人は確認済みです。',
  'author.notVerified': '差出人は確認されていません。アドレスが偽装されている可能性があります。',

  'notice.subject': '新しいメッセージ',
  'notice.assigned': '会話{number}が自動的にあなたに割り当てられました。',
  'notice.assigned.by': '会話{number}が{by}さんによってあなたに割り当てられました。',
  'notice.answer': 'このメールに返信すると、お客様（{email}）に回答が送信されます。',
  'notice.answer.none': 'この会話のお客様にはメールアドレスがありません。このメールへの返信は会話内に残ります。',
  'notice.commands': '返信の先頭の行に #resolve や #snooze 2d などのコマンドを書くことができます。',
  'notice.place': '会話{number}（{inbox}）、担当者：{assignee}。',
  'notice.open': '会話を開く',
  'assignee.you': 'あなた',
  'assignee.nobody': 'なし',
  'fact.conversation': '会話',
  'fact.inbox': '受信箱',
  'fact.assignee': '担当者',
  'fact.file': 'ファイル',

  'digest.subject.one': '1件のメールが確認待ちです',
  'digest.subject': '{count}件のメールが確認待ちです',
  'digest.title.one': '1件のメールを会話に振り分けられませんでした。担当者の確認が必要です。',
  'digest.title': '{count}件のメールを会話に振り分けられませんでした。担当者の確認が必要です。',
  'digest.title.many': '{count}件を超えるメールを会話に振り分けられませんでした。担当者の確認が必要です。',
  'digest.noAuthor': '差出人なし',
  'digest.noSubject': '件名なし',
  'digest.open': '保留中のメールを確認する',
  'digest.often': 'このメールは、保留中のメールがある間、1日に1回送信されます。通知設定で停止できます。',

  'held.subject': '未送信：返信',
  'held.subject.to': '未送信：会話{number}への返信',
  'held.notSent': 'お客様への返信は送信されませんでした。',
  'held.notSent.to': '会話{number}への返信は、お客様に送信されませんでした。',
  'held.notSent.of': '{email}からの返信が保留され、お客様に送信されませんでした。',
  'held.notSent.of.to': '会話{number}への{email}からの返信が保留され、お客様に送信されませんでした。',
  'held.why.agent-with-customer-token':
    'お客様の返信用アドレス宛てに送信されました。担当者は自分宛ての通知にのみ返信できます。',
  'held.why.agent-not-verified': 'あなたが送信したことを、信頼できるメールサーバーが確認していません。',
  'held.why.agent-mail-degraded': '一部しか読み取れませんでした。',
  'held.why.of.agent-not-verified': 'この担当者が送信したことを、信頼できるメールサーバーが確認していません。',
  'held.itsSubject': '件名：{subject}',
  'held.noSubject': '（なし）',
  'held.todo.agent-with-customer-token': 'この会話について届いた通知に返信してください。',
  'held.todo.agent-not-verified':
    '管理者に送信者認証（AUTHSERV_ID、およびドメインのSPF、DKIM、DMARC）の設定を依頼するか、会話画面から返信してください。',
  'held.todo.agent-mail-degraded': 'テキスト形式でもう一度送信してください。',
  'held.sendOn': '管理者が代わりに送信することもできます：{command}',
  'held.notYou':
    'このメールに心当たりがない場合は、第三者があなたのアドレスを使用しています。対応は不要です。1時間以内に保留された他の返信については通知されません。',
  'held.list': '保留中のすべてのメール：{command}',
  'held.sendAs': '担当者の返信として送信する場合：{command}。担当者本人が書いたことを必ず確認してください。',
  'held.further': '本日保留される他の返信については、管理者に通知されません。',
  'held.open': '保留中のメールを確認する',

  'undo.subject': '{name} 様への返信は {time} に送信されます',
  'undo.text': '{name} 様への返信は {time} に送信されます。それまでは送信を取り消せます。',
  'undo.button': '送信を取り消す',
  'undo.commands': '実行済み（送信を取り消しても元に戻りません）: {commands}',
  'undo.quiet':
    'このメールには返信しないでください。この時刻を過ぎると、リンク先のページには送信済みであることだけが表示されます。',

  'team.subject': '[{number}] {inbox}の会話にルールが適用されました',
  'team.place': '会話{number}',

  'transfer.subject.import.completed': '連絡先のインポートが完了しました',
  'transfer.subject.import.failed': '連絡先のインポートに失敗しました',
  'transfer.subject.export.completed': '連絡先のエクスポートが完了しました',
  'transfer.subject.export.failed': '連絡先のエクスポートに失敗しました',
  'transfer.exported': '{account}の連絡先（{count}件）は7日間ダウンロードできます：',
  'transfer.download': '連絡先をダウンロードする',
  'transfer.rows': '読み込んだ行：{count}。',
  'transfer.contacts': '作成した連絡先：{created}、更新した連絡先：{changed}。',
  'transfer.refused': '拒否された行：{count}。',
  'transfer.refusedFile': '拒否された行とその理由：{url}（アクセストークンが必要です）',

  'code.subject': 'アドレス確認コード',
  'code.ask':
    '{email}宛てのメールを受信箱で受信するための申請がありました。許可する場合は、次のコードを申請画面に入力してください：',
  'code.until': '有効期間は{hours}時間です。このメールに心当たりがない場合は、コードを他の人に教えないでください。',

  'link.signIn.subject': 'サインイン用リンク',
  'link.signIn.text':
    '{email}としてサインインするためのリンクが要求されました。ご本人の場合はリンクを開いてください。心当たりがない場合、何も起こりません。',
  'link.signIn.button': 'サインインする',
  'link.confirm.subject': 'メールアドレスの確認',
  'link.confirm.text':
    '{email}をアカウントで使用する申請がありました。ご本人の場合はこちらで確認してください。心当たりがない場合、何も起こりません。',
  'link.confirm.button': 'アドレスを確認する',
  'link.invite.subject': '招待のお知らせ',
  'link.invite.text':
    'アカウント「{account}」に招待されました。承諾してサインインしてください。ご希望でない場合、何も起こりません。',
  'link.invite.button': '招待を承諾する',
  'link.until.minutes': 'リンクの有効期間は{count}分で、1回のみ使用できます。',
  'link.until.day': 'リンクの有効期間は1日で、1回のみ使用できます。',
  'link.until.days': 'リンクの有効期間は{count}日で、1回のみ使用できます。',

  'transcript.subject': '[{number}] 会話の記録',
  'transcript.empty': 'この会話にはまだメッセージがありません。',
  'transcript.contact': 'お客様',
  'transcript.bot': 'ボット',

  'continuity.you': 'お客様',
  'continuity.earlier': 'これまでの会話',
  'continuity.proof':
    '{inbox}のチャットの訪問者がこのアドレスを入力しました。ご本人の場合は、このメールにそのままご返信ください。チャットにもメールを表示するには、次を開いてください：',
  'continuity.proof.button': 'チャットにメールを表示する',
  'continuity.proof.else': '心当たりがない場合、対応は不要です。チャットにメールは表示されません。',
  'continuity.footer': 'このメールにご返信いただくと、{inbox}との会話を続けられます。',
}
