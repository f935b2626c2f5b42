/**
 * The script of a page of something that is under way: every second it takes over what the page would be by now, unless
 * the reader is on something in it, and ends with the page that has no script.
 */
export const LIVE_SCRIPT = `
const textOf = ({ textContent }) => textContent;
const next = async () => {
  const answer = await fetch(location.href, { cache: 'no-store' });
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const main = document.querySelector('main');
  const isRead = main.contains(document.activeElement) || !getSelection().isCollapsed;
  if (!isRead) {
    const opened = [...main.querySelectorAll('figure:has(details[open]) figcaption')].map(textOf);
    main.replaceWith(page.querySelector('main'));
    document.title = page.title;
    for (const figure of document.querySelectorAll('figure'))
      if (opened.includes(textOf(figure.querySelector('figcaption')))) figure.querySelector('details')?.setAttribute('open', '');
    if (page.querySelector('script') === null) return;
  }
  setTimeout(next, 1000);
};
setTimeout(next, 1000);
`;
