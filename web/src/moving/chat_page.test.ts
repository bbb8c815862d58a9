import { describe, expect, test } from 'vitest';
import { aMessage } from '../state/fake_engine';
import { firstWords, htmlFormatted, htmlText, pageBegin, pageMessage } from './chat_page';

const kBeside = { sender: 'Ann<a>', names: () => ['Bob & Co'], quoted: undefined };

describe('a chat as a page', () => {
  test('what has a meaning in HTML is text, and control characters are nothing', () => {
    expect(htmlText('<b>&"\'\u0000\u001b\n\t')).toBe('&lt;b&gt;&amp;&quot;&#39;\n\t');
    expect(pageBegin('</title><script>')).not.toContain('<script>');
  });
  test('formatting is counted in bytes, and pieces may lie over one another', () => {
    const spans = [
      { start: 5, length: 6, style: 'bold' as const },
      { start: 8, length: 3, style: 'link' as const, link: 'https://a.example/?"<' },
    ];
    expect(htmlFormatted('\u{1F600} abcdef!', spans)).toBe('\u{1F600} <b>abc</b><b><a rel="noreferrer" href="https://a.example/?&quot;&lt;">def</a></b>!');
  });
  test('a message has its sender, its text, its reactions and what it answers', () => {
    const message = { ...aMessage(1), text: 'x < y', reply_to: 'ab', reactions: [{ reaction: '+', count: 2, own: false, accounts: [], names: [] }] };
    const html = pageMessage(message, { ...kBeside, quoted: 'Ann: <i>' });
    expect(html).toContain('<bdi class="who">Ann&lt;a&gt;</bdi>');
    expect(html).toContain('<a href="#m-ab"><bdi>Ann: &lt;i&gt;</bdi></a>');
    expect(html).toContain('<div class="text" dir="auto">x &lt; y</div>');
    expect(html).toContain('<span title="Bob &amp; Co">+2</span>');
    expect(pageMessage(message, kBeside)).not.toContain('<a ');
  });
  test('the first words end after sixty letters', () => {
    expect(firstWords({ ...aMessage(1), text: 'a\n'.repeat(100) }, 'Ann')).toBe(`Ann: ${'a '.repeat(28)}a...`);
  });
});
