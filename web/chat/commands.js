// The command menu: opens on "/" or its button, filters while typing, arrows and Enter choose.
import { get } from './api.js';
import { el } from './render.js';

const $ = (id) => document.getElementById(id);
const cache = new Map(); // chat key -> [{command, description}]
let chosen = 0;
let onChoose = () => {};
let shown = [];
let turn = 0; // an answer that comes after the menu was closed again must not open it

export function setup(choose) {
  onChoose = choose;
}

export function forget() {
  cache.clear();
}

async function load(chat, user) {
  if (!cache.has(chat.key)) {
    const { bots } = await get('commands', { chat: chat.key, user });
    const list = [];
    for (const bot of bots) {
      for (const one of bot.commands) {
        list.push({ ...one, command: chat.kind === 'group' ? `${one.command}@${bot.username}` : one.command });
      }
    }
    cache.set(chat.key, list);
  }
  return cache.get(chat.key);
}

export function isOpen() {
  return !$('commands').hidden;
}

export function close() {
  turn += 1;
  $('commands').hidden = true;
  $('input').setAttribute('aria-expanded', 'false');
  $('input').removeAttribute('aria-activedescendant');
  $('menu').setAttribute('aria-expanded', 'false');
}

function mark(scroll) {
  [...$('commands').querySelectorAll('.command')].forEach((node, i) => {
    node.setAttribute('aria-selected', String(i === chosen));
    if (i === chosen && scroll) node.scrollIntoView({ block: 'nearest' });
  });
  if (shown.length) $('input').setAttribute('aria-activedescendant', `command-${chosen}`);
}

export async function open(chat, user, typed) {
  turn += 1;
  const mine = turn;
  const list = await load(chat, user);
  if (mine !== turn) return;
  const wanted = typed.replace(/^\//, '').toLowerCase();
  shown = list.filter((one) => one.command.startsWith(wanted));
  if (!shown.length && wanted) {
    close();
    return;
  }
  chosen = 0;
  $('commands').replaceChildren(...shown.map((one, i) => el('button', {
    type: 'button', className: 'command', id: `command-${i}`, role: 'option', tabIndex: -1,
    onclick: () => onChoose(`/${one.command}`, true),
  }, el('b', {}, `/${one.command}`), el('span', {}, one.description))));
  if (!shown.length) $('commands').append(el('p', {}, 'This bot has not published any commands yet.'));
  $('commands').hidden = false;
  $('input').setAttribute('aria-expanded', 'true');
  $('menu').setAttribute('aria-expanded', 'true');
  mark(false);
}

// True when the key was for the menu.
export function onKey(event) {
  if (!isOpen()) return false;
  if (event.key === 'Escape') {
    close();
    return true;
  }
  if (!shown.length) return false;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    chosen = (chosen + (event.key === 'ArrowDown' ? 1 : shown.length - 1)) % shown.length;
    mark(true);
    return true;
  }
  if (event.key === 'Tab' || event.key === 'Enter') {
    onChoose(`/${shown[chosen].command}`, event.key === 'Enter');
    return true;
  }
  return false;
}
