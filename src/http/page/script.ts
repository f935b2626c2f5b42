/** The script of the page. It makes elements and sets their text: nothing that it gets becomes HTML. */
export const SCRIPT = String.raw`
const at = (id) => document.getElementById(id);
const [form, model, topK, text, textName, pair, second, secondName, secret, key, send, status, context, labels, curl, copy] =
  ['form', 'model', 'top', 'text', 'textname', 'pair', 'second', 'secondname', 'secret', 'key', 'send', 'status', 'context', 'labels', 'curl', 'copy'].map(at);
const base = location.origin + location.pathname.replace(/\/*$/, '/');
let models = [];
const chosen = () => models.find(({ id }) => id === model.value);
const say = (message, bad = false) => {
  status.textContent = message;
  status.classList.toggle('bad', bad);
};
const headers = () => ({ 'Content-Type': 'application/json', ...(key.value && { Authorization: 'Bearer ' + key.value }) });
const asks = () => chosen()?.task === 'question-answering';
const inputs = () => {
  if (asks()) return { question: text.value, context: second.value };
  return chosen()?.pairs ? { text: text.value, text_pair: second.value } : text.value;
};
const body = () => JSON.stringify({
  inputs: inputs(),
  parameters: { top_k: Math.max(1, Math.trunc(Number(topK.value)) || 1) },
});
const urlOf = () => base + 'models/' + encodeURIComponent(model.value).replace('%40', '@');
const quoted = (value) => "'" + value.replaceAll("'", "'\\''") + "'";
const show = () => {
  pair.hidden = !chosen()?.pairs && !asks();
  textName.textContent = asks() ? 'Question' : 'Text';
  secondName.textContent = asks() ? 'Context' : 'Second text of the pair';
  second.required = !pair.hidden;
  curl.textContent = ['curl ' + quoted(urlOf()), "-H 'Content-Type: application/json'",
    ...(secret.hidden ? [] : ['-H "Authorization: Bearer $KEY"']), '-d ' + quoted(body())].join(' \\\n  ');
};
const failed = async (response) => {
  const problem = await response.json().catch(() => ({}));
  if (response.status === 401 || response.status === 403) {
    secret.hidden = false;
    show();
    key.focus();
  }
  throw new Error(problem.detail ?? problem.message ?? 'HTTP status ' + response.status);
};
const row = ({ label, answer, score }) => {
  const item = document.createElement('li');
  const [name, value] = [document.createElement('span'), document.createElement('span')];
  const bar = document.createElement('progress');
  name.textContent = nameOf({ label, answer });
  value.textContent = score >= 0 && score <= 1 ? (100 * score).toFixed(2) + ' %' : String(score);
  bar.max = 1;
  bar.value = Math.min(1, Math.max(0, score));
  bar.ariaHidden = 'true';
  item.append(name, value, bar);
  return item;
};
/** The context with the answer marked, whose place is in code points. */
const marked = ({ start, end }) => {
  const points = Array.from(second.value);
  const mark = document.createElement('mark');
  mark.textContent = points.slice(start, end).join('');
  context.replaceChildren(points.slice(0, start).join(''), mark, points.slice(end).join(''));
};
const nameOf = ({ label, answer }) => label ?? (answer || 'No answer');
const load = async () => {
  const response = await fetch(base + 'models', { headers: headers() });
  if (!response.ok) await failed(response);
  models = await response.json();
  model.replaceChildren(...models.map(({ id, default: isDefault }) => new Option(id, id, isDefault, isDefault)));
  show();
};
const ask = async () => {
  if (models.length === 0) await load();
  const from = performance.now();
  const response = await fetch(urlOf(), { method: 'POST', headers: headers(), body: body() });
  if (!response.ok) await failed(response);
  const json = await response.json();
  const answer = asks() ? [json].flat() : json[0];
  const ms = performance.now() - from;
  labels.replaceChildren(...answer.map(row));
  const [best] = answer;
  context.hidden = !asks();
  if (asks()) marked(best);
  say((best ? nameOf(best) + '. ' : '') + answer.length + (asks() ? ' answer' : ' label') + (answer.length === 1 ? '' : 's') + ' in ' + ms.toFixed(0) + ' ms, ' + (response.headers.get('X-Model') ?? model.value) + '.');
};
const run = (work) => async (event) => {
  event?.preventDefault();
  send.disabled = true;
  form.ariaBusy = 'true';
  try {
    await work();
  } catch (error) {
    labels.replaceChildren();
    context.hidden = true;
    say(error instanceof TypeError ? 'The API does not answer.' : error.message, true);
  } finally {
    send.disabled = false;
    form.ariaBusy = 'false';
  }
};
const submit = run(async () => {
  say('Asking …');
  await ask();
});
form.addEventListener('submit', submit);
form.addEventListener('input', show);
form.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
key.addEventListener('change', run(async () => {
  await load();
  say('The key is accepted.');
}));
copy.addEventListener('click', () => navigator.clipboard?.writeText(curl.textContent).then(() => say('Copied.'), () => say('The browser does not allow copying.', true)));
run(load)();
`;
