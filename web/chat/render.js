// Messages to DOM nodes. Everything from outside goes through text nodes and checked URLs; no markup is
// ever parsed. Entity offsets are UTF-16 units, which is what JavaScript strings count in.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key in node && !key.startsWith('aria')) node[key] = value;
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const links = new Set(['http:', 'https:', 'mailto:', 'tel:', 'tg:']);

export function safeUrl(text) {
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`);
    return links.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function link(href, props = {}) {
  const url = safeUrl(href);
  return url ? el('a', { href: url, target: '_blank', rel: 'noopener noreferrer', ...props }) : el('span');
}

const simple = {
  bold: 'b', italic: 'i', underline: 'u', strikethrough: 's', code: 'code', pre: 'pre',
  blockquote: 'blockquote', expandable_blockquote: 'blockquote',
};

function entityNode(entity, text, actions) {
  const inner = text.slice(entity.offset, entity.offset + entity.length);
  switch (entity.type) {
    case 'text_link':
      return link(entity.url || inner);
    case 'url':
      return link(inner);
    case 'bot_command':
      return el('button', { type: 'button', className: 'link', onclick: () => actions.command(inner) });
    case 'spoiler': {
      const node = el('button', { type: 'button', className: 'spoiler', 'aria-label': 'Hidden text, press to show', 'aria-expanded': 'false' });
      node.addEventListener('click', () => {
        node.setAttribute('aria-expanded', 'true');
        node.removeAttribute('aria-label');
      });
      return node;
    }
    case 'date_time':
      return el('time', { title: new Date((entity.unix_time || 0) * 1000).toLocaleString() });
    default:
      return el(simple[entity.type] || 'span');
  }
}

function fill(parent, text, from, to, entities, actions) {
  let at = from;
  for (let i = 0; i < entities.length; i += 1) {
    const entity = entities[i];
    const begin = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (begin >= end) continue;
    const inside = [];
    while (i + 1 < entities.length && entities[i + 1].offset < end) inside.push(entities[(i += 1)]);
    if (begin > at) parent.append(text.slice(at, begin));
    const node = entityNode(entity, text, actions);
    fill(node, text, begin, end, inside, actions);
    parent.append(node);
    at = end;
  }
  if (at < to) parent.append(text.slice(at, to));
}

export function richText(text, entities, actions) {
  const node = el('div', { className: 'text', dir: 'auto' });
  const sorted = (entities || []).filter((e) => e.offset >= 0 && e.length > 0)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
  fill(node, text, 0, text.length, sorted, actions);
  return node;
}

export function clock(date) {
  return new Date(date * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

export function day(date) {
  const when = new Date(date * 1000);
  const today = new Date();
  if (when.toDateString() === today.toDateString()) return 'Today';
  return when.toLocaleDateString([], { day: 'numeric', month: 'long', year: when.getFullYear() === today.getFullYear() ? undefined : 'numeric' });
}

export function summary(message) {
  const kind = { photo: 'Photo', document: 'File', voice: 'Voice message' }[message.media];
  const text = message.text.replace(/\s+/g, ' ').trim();
  return kind ? (text ? `${kind}: ${text}` : kind) : text;
}

export function initials(title) {
  const words = title.split(/\s+/).filter((word) => word.toLowerCase() !== 'trident');
  return (words.length ? words : [title]).slice(0, 2).map((word) => [...word][0] || '').join('').toUpperCase();
}

export function tone(name) {
  const fixed = { controller: 0, notification: 1, analytics: 2, legacy: 5 }[name];
  if (fixed !== undefined) return `tone-${fixed}`;
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 997;
  return `tone-${sum % 6}`;
}

function bytes(n) {
  return n < 1024 ? `${n} B` : n < 1048576 ? `${(n / 1024).toFixed(1)} kB` : `${(n / 1048576).toFixed(1)} MB`;
}

function media(message, actions) {
  const file = message.file;
  if (!file) return null;
  if (!file.available) return el('p', { className: 'forwarded' }, 'This file is no longer kept by the sandbox.');
  if (message.media === 'photo') {
    const alt = message.text ? `Photo: ${summary(message).slice(7)}` : 'Photo';
    const image = el('img', { src: file.url, alt, width: file.width || 320, height: file.height || 200, loading: 'lazy' });
    return el('button', { type: 'button', className: 'photo', 'aria-label': `${alt}. Open it large`, onclick: () => actions.view(file.url, alt) }, image);
  }
  return el('a', { className: 'file', href: file.url, download: file.name },
    el('span', { className: 'avatar tone-5', 'aria-hidden': 'true' }, message.media === 'voice' ? '♪' : '↓'),
    el('span', {}, el('b', {}, file.name), el('span', {}, bytes(file.size_bytes))));
}

function key(button, message, actions) {
  const style = ['danger', 'success', 'primary'].includes(button.style) ? button.style : '';
  if (button.url) {
    const node = link(button.url, { className: `key ${style}` });
    node.classList.add('key');
    node.append(`${button.text} ↗`);
    return node;
  }
  const node = el('button', { type: 'button', className: `key ${style}` }, button.text);
  if (button.callback_data) {
    node.dataset.data = button.callback_data;
    node.addEventListener('click', () => actions.press(message, button.callback_data, node));
  } else if (button.copy_text) {
    node.addEventListener('click', () => actions.copy(button.copy_text.text));
  } else {
    node.addEventListener('click', () => actions.toast('This kind of button works in Telegram only.'));
  }
  return node;
}

function keyboard(message, actions) {
  const rows = message.markup && message.markup.inline_keyboard;
  if (!rows || !rows.length) return null;
  const box = el('div', { className: 'keys', role: 'group', 'aria-label': 'Buttons of this message' });
  for (const row of rows) box.append(el('div', { className: 'key-row' }, ...row.map((button) => key(button, message, actions))));
  return box;
}

// context: {mine, follows, group, replied} ; actions: command, press, copy, view, reply, jump, toast
export function messageNode(message, context, actions) {
  if (message.media === 'service') {
    return el('li', { className: 'service', id: `m${message.id}` }, message.text);
  }
  const bubble = el('div', { className: 'bubble' });
  if (context.group && !context.mine && !context.follows) bubble.append(el('div', { className: 'author' }, message.from));
  if (message.forwarded) bubble.append(el('div', { className: 'forwarded' }, 'Forwarded message'));
  if (context.replied) {
    bubble.append(el('button', { type: 'button', className: 'quote', 'aria-label': `Reply to ${context.replied.from}: ${summary(context.replied)}`, onclick: () => actions.jump(context.replied.id) },
      el('b', {}, context.replied.from), el('span', {}, summary(context.replied))));
  }
  const attached = media(message, actions);
  if (attached) bubble.append(attached);
  if (message.text) bubble.append(richText(message.text, message.entities, actions));
  bubble.append(el('div', { className: 'meta' },
    message.pinned ? el('span', {}, 'pinned') : null,
    message.edit_date && message.text ? el('span', { className: 'edited' }, 'edited') : null,
    el('time', { dateTime: new Date(message.date * 1000).toISOString() }, clock(message.date))));
  bubble.append(el('button', { type: 'button', className: 'icon-button reply-to', 'aria-label': `Reply to: ${summary(message).slice(0, 60)}`, onclick: () => actions.reply(message) }, '↩'));
  const keys = keyboard(message, actions);
  const classes = ['message', context.mine ? 'mine' : 'theirs', context.follows ? 'follows' : '', keys ? 'with-keys' : ''];
  return el('li', { className: classes.filter(Boolean).join(' '), id: `m${message.id}` }, bubble, keys);
}
