// The chat page: keeps the chats of one person in memory, draws them, and lives on the event stream. On
// every (re)connect everything is loaded anew, so a lost connection never leaves a hole.
import { get, post, listen } from './api.js';
import { clock, day, el, initials, messageNode, summary, tone } from './render.js';
import * as commands from './commands.js';
import * as alerts from './alert.js';

const HISTORY = 300;
const CALLBACK_PATIENCE_MS = 15000;
const $ = (id) => document.getElementById(id);

const state = {
  user: null,
  chats: new Map(), // key -> {info, messages: Map(id -> message), unread}
  open: null,       // key
  reply: null,      // message
  below: 0,         // new messages under the fold
  pending: new Map(), // callback id -> button
  early: new Map(),   // callback id -> answer that came before the press returned
};

const seen = {
  name: () => `trident-sandbox-seen-${state.user}`,
  all() {
    try {
      return JSON.parse(localStorage.getItem(this.name())) || {};
    } catch {
      return {};
    }
  },
  mark(key, id) {
    const all = this.all();
    if ((all[key] || 0) >= id) return;
    all[key] = id;
    localStorage.setItem(this.name(), JSON.stringify(all));
  },
};

// ---- small things ----

let toastTimer = 0;
function toast(text) {
  $('toast').textContent = text;
  $('toast').classList.add('shown');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => $('toast').classList.remove('shown'), Math.min(7000, 2500 + text.length * 40));
}

const failed = (error) => toast(`That did not work: ${error.message}`);

function ordered(chat) {
  return [...chat.messages.values()].sort((a, b) => a.id - b.id);
}

function newest(chat) {
  let last = null;
  for (const message of chat.messages.values()) if (!last || message.id > last.id) last = message;
  return last;
}

function current() {
  return state.open ? state.chats.get(state.open) : null;
}

function isMine(message) {
  return !message.from_bot && message.from_id === state.user;
}

// ---- the list of chats ----

function chatItem(chat) {
  const { info } = chat;
  const last = newest(chat);
  const preview = last ? `${isMine(last) ? 'You: ' : ''}${summary(last)}` : 'No messages yet';
  const label = `${info.title}${chat.unread ? `, ${chat.unread} unread` : ''}`;
  const item = el('button', { type: 'button', className: 'chat-item', 'aria-label': label, onclick: () => openChat(info.key, true) },
    el('span', { className: `avatar ${tone(info.bot || info.title)}`, 'aria-hidden': 'true' }, initials(info.title)),
    el('b', {}, info.title),
    last ? el('time', {}, clock(last.date)) : el('span'),
    el('span', { className: 'preview' }, preview),
    chat.unread ? el('span', { className: 'unread' }, chat.unread > 99 ? '99+' : String(chat.unread)) : el('span'));
  item.dataset.key = info.key;
  item.setAttribute('aria-current', String(info.key === state.open));
  return el('li', {}, item);
}

function drawChats() {
  const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.key : null;
  $('chats').replaceChildren(...[...state.chats.values()].map(chatItem));
  if (focused) {
    const again = [...$('chats').querySelectorAll('.chat-item')].find((node) => node.dataset.key === focused);
    if (again) again.focus();
  }
  const unread = [...state.chats.values()].reduce((sum, chat) => sum + chat.unread, 0);
  document.title = unread ? `(${unread}) Trident sandbox` : 'Trident sandbox';
}

// ---- the open chat ----

const actions = {
  command: (text) => send(text),
  press,
  copy: async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      toast('Copied');
    } catch {
      toast(text);
    }
  },
  view: (url, alt) => {
    $('viewer-image').src = url;
    $('viewer-image').alt = alt;
    $('viewer').showModal();
  },
  reply: (message) => {
    state.reply = message;
    drawReply();
    $('input').focus();
  },
  jump: (id) => {
    const node = $(`m${id}`);
    if (!node) return;
    node.scrollIntoView({ block: 'center' });
    node.classList.remove('flash');
    void node.offsetWidth;
    node.classList.add('flash');
  },
  toast,
};

function follows(before, message) {
  return Boolean(before) && before.media !== 'service' && before.from_bot === message.from_bot && before.from_id === message.from_id && message.date - before.date < 300;
}

function nodeOf(chat, before, message) {
  return messageNode(message, {
    mine: isMine(message),
    follows: follows(before, message),
    group: chat.info.kind === 'group',
    replied: message.reply_to ? chat.messages.get(message.reply_to) : null,
  }, actions);
}

function startCard(chat) {
  const about = chat.info.about || (chat.info.kind === 'group' ? 'Nobody has written here yet.' : 'Press Start to talk to this bot.');
  return el('li', { className: 'start' }, el('p', {}, about),
    chat.info.kind === 'group' ? null : el('button', { type: 'button', className: 'button strong', onclick: () => send('/start') }, 'Start'));
}

function drawMessages() {
  const chat = current();
  const nodes = [];
  let before = null;
  for (const message of ordered(chat)) {
    if (!before || day(before.date) !== day(message.date)) {
      nodes.push(el('li', { className: 'day' }, day(message.date)));
      before = null;
    }
    nodes.push(nodeOf(chat, before, message));
    before = message;
  }
  $('messages').replaceChildren(...(nodes.length ? nodes : [startCard(chat)]));
  drawPin(chat);
  drawReplyKeys(chat);
}

function drawPin(chat) {
  const pinned = ordered(chat).filter((message) => message.pinned).pop();
  $('pin').hidden = !pinned;
  if (pinned) {
    $('pin-text').textContent = summary(pinned);
    $('pin-jump').onclick = () => actions.jump(pinned.id);
  }
}

// A reply keyboard (not inline) stays until it is removed or replaced.
function drawReplyKeys(chat) {
  const with_markup = ordered(chat).filter((m) => m.from_bot && m.markup && (m.markup.keyboard || m.markup.remove_keyboard)).pop();
  const rows = with_markup && with_markup.markup.keyboard;
  $('reply-keys').hidden = !rows;
  $('reply-keys').replaceChildren(...(rows || []).map((row) => el('div', { className: 'key-row' }, ...row.map((one) => {
    const text = typeof one === 'string' ? one : one.text;
    return el('button', { type: 'button', className: 'key', onclick: () => send(text) }, text);
  }))));
}

function drawReply() {
  $('replying').hidden = !state.reply;
  if (state.reply) {
    $('replying-who').textContent = state.reply.from;
    $('replying-text').textContent = summary(state.reply);
  }
}

function drawHead(busy) {
  const { info } = current();
  $('head-avatar').className = `avatar ${tone(info.bot || info.title)}`;
  $('head-avatar').textContent = initials(info.title);
  $('head-title').textContent = info.title;
  $('head-sub').textContent = busy || (info.kind === 'group' ? 'group' : `bot · @${info.username}`);
  $('head-sub').classList.toggle('busy', Boolean(busy));
  $('blocked').hidden = !info.blocked;
  $('composer').hidden = info.blocked;
}

function nearBottom() {
  const log = $('log');
  return log.scrollHeight - log.scrollTop - log.clientHeight < 120;
}

function toBottom() {
  $('log').scrollTop = $('log').scrollHeight;
  state.below = 0;
  drawJump();
  markSeen();
}

function drawJump() {
  $('jump').hidden = nearBottom();
  $('jump-count').textContent = state.below || '';
}

function markSeen() {
  const chat = current();
  if (!chat || document.hidden) return;
  const last = newest(chat);
  if (last) seen.mark(chat.info.key, last.id);
  if (chat.unread) {
    chat.unread = 0;
    drawChats();
  }
}

function openChat(key, byHand) {
  if (!state.chats.has(key)) return;
  const changed = state.open !== key;
  state.open = key;
  if (changed) {
    state.reply = null;
    $('input').value = '';
    grow();
    commands.close();
  }
  $('app').classList.add('chat-open');
  $('nothing').hidden = true;
  $('chat').hidden = false;
  if (location.hash.slice(1) !== encodeURIComponent(key)) history.replaceState(null, '', `#${encodeURIComponent(key)}`);
  drawHead();
  drawReply();
  drawMessages();
  drawChats();
  toBottom();
  if (byHand && matchMedia('(min-width: 720px) and (pointer: fine)').matches) $('input').focus();
}

function closeChat() {
  const key = state.open;
  state.open = null;
  commands.close();
  $('app').classList.remove('chat-open');
  $('chat').hidden = true;
  $('nothing').hidden = false;
  history.replaceState(null, '', location.pathname);
  drawChats();
  const item = [...$('chats').querySelectorAll('.chat-item')].find((node) => node.dataset.key === key);
  if (item) item.focus();
}

// ---- acting ----

async function send(text) {
  const chat = current();
  if (!chat || !text.trim()) return;
  const body = { user: state.user, chat: chat.info.key, text };
  if (state.reply) body.reply_to = state.reply.id;
  try {
    await post('send', body);
    state.reply = null;
    drawReply();
    toBottom();
  } catch (error) {
    failed(error);
    if (!$('input').value) $('input').value = text;
  }
}

function settle(id, answer) {
  const node = state.pending.get(id);
  state.pending.delete(id);
  if (node) {
    node.classList.remove('busy');
    node.removeAttribute('aria-busy');
  }
  if (!answer || !answer.text) return;
  if (answer.alert) {
    $('notice-text').textContent = answer.text;
    $('notice').showModal();
  } else {
    toast(answer.text);
  }
}

async function press(message, data, node) {
  if (node.classList.contains('busy')) return;
  node.classList.add('busy');
  node.setAttribute('aria-busy', 'true');
  try {
    const { callback_id: id } = await post('press', { user: state.user, chat: state.open, message_id: message.id, data });
    state.pending.set(id, node);
    if (state.early.has(id)) {
      settle(id, state.early.get(id));
      state.early.delete(id);
      return;
    }
    setTimeout(() => {
      if (!state.pending.has(id)) return;
      settle(id, null);
      toast('The bot has not answered this button.');
    }, CALLBACK_PATIENCE_MS);
  } catch (error) {
    node.classList.remove('busy');
    node.removeAttribute('aria-busy');
    failed(error);
  }
}

// ---- what comes in ----

function onMessage({ chat: key, message }) {
  const chat = state.chats.get(key);
  if (!chat) return;
  const is_new = !chat.messages.has(message.id);
  const at_bottom = key === state.open && nearBottom();
  chat.messages.set(message.id, message);
  if (chat.messages.size > 1000) chat.messages.delete(Math.min(...chat.messages.keys()));
  if (key !== state.open) {
    if (is_new && !isMine(message)) chat.unread += 1;
    drawChats();
    return;
  }
  const node = $(`m${message.id}`);
  if (!is_new && node) {
    const list = ordered(chat);
    const i = list.findIndex((one) => one.id === message.id);
    const fresh = nodeOf(chat, i > 0 && day(list[i - 1].date) === day(message.date) ? list[i - 1] : null, message);
    const focused = node.contains(document.activeElement) ? document.activeElement.dataset.data : null;
    node.replaceWith(fresh);
    if (focused) [...fresh.querySelectorAll('.key')].find((one) => one.dataset.data === focused)?.focus();
    drawPin(chat);
    drawReplyKeys(chat);
  } else {
    appendMessage(chat, message);
  }
  if (at_bottom || isMine(message)) toBottom();
  else if (is_new) state.below += 1;
  if (is_new && message.from_bot) drawHead();
  if (document.hidden && is_new && !isMine(message)) chat.unread += 1;
  drawJump();
  drawChats();
}

function appendMessage(chat, message) {
  const list = ordered(chat);
  const before = list[list.length - 2] || null;
  if (list[list.length - 1].id !== message.id || !before) {
    drawMessages();
    return;
  }
  const same_day = day(before.date) === day(message.date);
  if (!same_day) $('messages').append(el('li', { className: 'day' }, day(message.date)));
  $('messages').append(nodeOf(chat, same_day ? before : null, message));
  drawReplyKeys(chat);
}

function onDelete({ chat: key, message }) {
  const chat = state.chats.get(key);
  if (!chat) return;
  chat.messages.delete(message.id);
  if (key === state.open) drawMessages();
  drawChats();
}

let typingTimer = 0;
function onAction({ chat: key, action }) {
  if (key !== state.open) return;
  const words = { typing: 'typing…', upload_photo: 'sending a photo…', upload_document: 'sending a file…' };
  drawHead(words[action] || 'busy…');
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => current() && drawHead(), 5000);
}

function onCallback(answer) {
  if (state.pending.has(answer.callback_id)) settle(answer.callback_id, answer);
  else if (state.early.size < 100) state.early.set(answer.callback_id, answer);
}

async function onChat({ chat: key, info }) {
  const chat = state.chats.get(key);
  if (!chat || info.migrated) {
    await reload();
    return;
  }
  chat.info = info;
  if (key === state.open) drawHead();
  drawChats();
}

// ---- loading ----

async function loadChat(info) {
  const { messages } = await get('chat', { chat: info.key, user: state.user, limit: HISTORY });
  const last = seen.all()[info.key] || 0;
  const chat = { info, messages: new Map(messages.map((m) => [m.id, m])), unread: 0 };
  chat.unread = messages.filter((m) => m.id > last && !isMine(m) && m.media !== 'service').length;
  return chat;
}

let loading = null;
function reload() {
  loading = loading || (async () => {
    try {
      const { chats } = await get('chats', { user: state.user });
      const mine = chats.filter((info) => info.kind === 'group' || info.chat_id === state.user);
      const loaded = await Promise.all(mine.map(loadChat));
      state.chats = new Map(loaded.map((chat) => [chat.info.key, chat]));
      commands.forget();
      const wanted = state.open || decodeURIComponent(location.hash.slice(1));
      if (state.chats.has(wanted)) openChat(wanted, false);
      else if (state.open) closeChat();
      else if (loaded.length && matchMedia('(min-width: 720px)').matches) openChat(loaded[0].info.key, false);
      drawChats();
    } finally {
      loading = null;
    }
  })();
  return loading;
}

async function begin() {
  const config = await get('config');
  const names = config.users;
  const kept = Number(localStorage.getItem('trident-sandbox-user'));
  state.user = names.some((one) => one.id === kept) ? kept : names.length ? names[0].id : null;
  $('user').replaceChildren(...names.map((one) => el('option', { value: one.id, selected: one.id === state.user }, one.name)));
  $('who').hidden = names.length < 2;
  if (config.alerts) alerts.setup();
}

const handlers = {
  open: async () => {
    $('connection').textContent = 'Connected';
    await reload().catch(failed);
  },
  lost: () => {
    $('connection').textContent = 'Reconnecting…';
  },
  message: onMessage,
  edit: onMessage,
  delete: onDelete,
  action: onAction,
  callback: onCallback,
  chat: onChat,
  commands: () => commands.forget(),
  reset: () => {
    localStorage.removeItem(seen.name());
    return reload();
  },
};

// ---- the composer ----

function grow() {
  const input = $('input');
  input.style.height = 'auto';
  input.style.height = `${Math.min(Math.max(input.scrollHeight + 2, 44), 160)}px`;
  input.style.overflowY = input.scrollHeight > 160 ? 'auto' : 'hidden';
}

function submit() {
  const text = $('input').value;
  $('input').value = '';
  grow();
  commands.close();
  return send(text);
}

function onInput() {
  const text = $('input').value;
  grow();
  if (/^\/[a-z0-9_@]*$/i.test(text)) commands.open(current().info, state.user, text).catch(failed);
  else commands.close();
}

commands.setup((command, at_once) => {
  commands.close();
  $('input').value = at_once ? '' : `${command} `;
  grow();
  $('input').focus();
  if (at_once) send(command);
});

$('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  submit();
});
$('input').addEventListener('input', onInput);
$('input').addEventListener('keydown', (event) => {
  if (commands.onKey(event)) event.preventDefault();
  else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  } else if (event.key === 'Escape' && state.reply) {
    state.reply = null;
    drawReply();
  }
});
$('menu').addEventListener('click', () => {
  if (commands.isOpen()) commands.close();
  else commands.open(current().info, state.user, '').then(() => $('input').focus()).catch(failed);
});
$('replying-stop').addEventListener('click', () => {
  state.reply = null;
  drawReply();
});
$('back').addEventListener('click', closeChat);
$('jump').addEventListener('click', toBottom);
$('log').addEventListener('scroll', () => {
  if (nearBottom()) {
    state.below = 0;
    markSeen();
  }
  drawJump();
});
$('unblock').addEventListener('click', () => post('unblock', { user: state.user, chat: state.open }).catch(failed));
$('user').addEventListener('change', () => {
  state.user = Number($('user').value);
  localStorage.setItem('trident-sandbox-user', String(state.user));
  state.open = null;
  closeChat();
  reload().catch(failed);
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && current() && nearBottom()) markSeen();
});
window.addEventListener('hashchange', () => openChat(decodeURIComponent(location.hash.slice(1)), false));

begin().then(() => listen(handlers)).catch((error) => {
  $('connection').textContent = `Not connected: ${error.message}`;
  setTimeout(() => location.reload(), 3000);
});
