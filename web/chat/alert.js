// "Send alert": makes one V3 alert as TradingView would post it and shows what the daemon answered.
import { el } from './render.js';

const $ = (id) => document.getElementById(id);

const symbols = {
  XAUUSD: [2650.1, 2], EURUSD: [1.1042, 5], GBPUSD: [1.265, 5], USDJPY: [150.25, 3], USDCAD: [1.358, 5],
  AUDUSD: [0.652, 5], NZDUSD: [0.598, 5], EURJPY: [162.4, 3], GBPJPY: [190.15, 3], AUDJPY: [98.1, 3],
};

const entries = ['Momentum_Breakout', 'Institutional_Launchpad', 'Liquidity_Trap_Reversal', 'Mitigation_Test_Entry', 'Golden_Pocket_Flip', 'Sideways_Breakout'];
const exits = { Bullish_Exit: 'sell', Bearish_Exit: 'buy' };

function values() {
  const symbol = $('alert-symbol').value;
  const type = $('alert-type').value;
  const direction = exits[type] || document.querySelector('input[name="direction"]:checked').value;
  return { symbol, type, direction, tf: $('alert-tf').value, price: Number($('alert-price').value), digits: symbols[symbol][1] };
}

function body() {
  const { symbol, type, direction, tf, price, digits } = values();
  const at = (n) => Number(n.toFixed(digits));
  const buy = direction === 'buy';
  const common = { type: 'entry_v3', signal_type: type, symbol, direction, tf, price: at(price), consensus_score: buy ? 7 : 2 };
  if (exits[type]) {
    return { ...common, type: 'exit_v3', consensus_score: buy ? 6 : 3, market_trend: buy ? -1 : 1, reason: 'TP_hit_or_reversal_or_momentum_loss' };
  }
  const risk = price * 0.00226 * (buy ? 1 : -1);
  return {
    ...common,
    ...(type === 'Sideways_Breakout' ? { adx_value: 26.5, confidence: 'HIGH' } : {}),
    sl_price: at(price - risk), tp1_price: at(price + 1.5 * risk), tp2_price: at(price + 3 * risk),
    mtf_trends: buy ? '1,1,1,1,1' : '-1,-1,-1,-1,-1',
    market_trend: buy ? 1 : -1, volume_delta_ratio: buy ? 2.4 : -2.4,
    price_in_ob: !['Momentum_Breakout', 'Sideways_Breakout'].includes(type),
    ...(type === 'Golden_Pocket_Flip' ? { fib_level: buy ? 0.65 : 0.3 } : {}),
    position_multiplier: 0.8,
  };
}

function preview() {
  const exit = exits[$('alert-type').value];
  for (const radio of document.querySelectorAll('input[name="direction"]')) {
    radio.disabled = Boolean(exit);
    if (exit) radio.checked = radio.value === exit;
  }
  $('alert-body').textContent = JSON.stringify(body(), null, 2);
}

function show(node) {
  $('alert-answer').replaceChildren(node);
  node.scrollIntoView({ block: 'nearest' });
}

async function send(event) {
  event.preventDefault();
  $('alert-send').disabled = true;
  try {
    const response = await fetch('/sandbox/alert', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body()) });
    const answer = await response.json();
    if (!answer.ok) throw new Error(answer.error);
    let text = answer.body;
    try {
      text = JSON.stringify(JSON.parse(text), null, 2);
    } catch { /* not JSON: shown as it is */ }
    const good = answer.status < 300;
    show(el('div', {}, el('p', { className: good ? 'good' : 'bad' }, `${good ? 'Accepted' : 'Refused'}: HTTP ${answer.status} in ${(answer.took_us / 1000).toFixed(1)} ms`), el('pre', {}, text)));
  } catch (error) {
    show(el('p', { className: 'bad' }, `Not sent: ${error.message}`));
  } finally {
    $('alert-send').disabled = false;
  }
}

export function setup() {
  $('alert-symbol').replaceChildren(...Object.keys(symbols).map((name) => el('option', {}, name)));
  $('alert-type').replaceChildren(...[...entries, ...Object.keys(exits)].map((name) => el('option', { value: name }, name.replaceAll('_', ' '))));
  const priced = () => {
    const [price, digits] = symbols[$('alert-symbol').value];
    $('alert-price').value = price.toFixed(digits);
  };
  priced();
  preview();
  $('alert-symbol').addEventListener('change', priced);
  $('alert-form').addEventListener('input', preview);
  $('alert-form').addEventListener('change', preview);
  $('alert-form').addEventListener('submit', send);
  $('open-alert').hidden = false;
  $('open-alert').addEventListener('click', () => {
    $('alert-answer').replaceChildren();
    $('alert').showModal();
  });
}
