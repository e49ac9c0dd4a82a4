// Talks to the sandbox: JSON over HTTP, and one stream of server-sent events with its own reconnect.

export async function get(path, params = {}) {
  const query = new URLSearchParams(params).toString();
  return read(await fetch(`/sandbox/${path}${query ? `?${query}` : ''}`, { cache: 'no-store' }));
}

export async function post(path, body = {}) {
  return read(await fetch(`/sandbox/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }));
}

async function read(response) {
  const text = await response.text();
  let data = {};
  try {
    data = JSON.parse(text);
  } catch {
    data = { ok: false, error: `the sandbox answered ${response.status}` };
  }
  if (!data.ok) {
    throw new Error(data.error || `the sandbox answered ${response.status}`);
  }
  return data;
}

// handlers: {name: fn(data)}, plus open() after each (re)connect and lost().
export function listen(handlers) {
  let source = null;
  let wait_ms = 500;
  const connect = () => {
    source = new EventSource('/sandbox/events');
    source.addEventListener('hello', () => {
      wait_ms = 500;
      handlers.open();
    });
    for (const [name, fn] of Object.entries(handlers)) {
      if (name !== 'open' && name !== 'lost') {
        source.addEventListener(name, (event) => fn(JSON.parse(event.data)));
      }
    }
    source.onerror = () => {
      source.close();
      handlers.lost();
      setTimeout(connect, wait_ms);
      wait_ms = Math.min(wait_ms * 2, 8000);
    };
  };
  connect();
}
