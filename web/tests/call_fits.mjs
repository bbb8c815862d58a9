// Whether what is shown of a call fits into its page, with names as long as people have.

const kLong = 'Борис Константинопольский-Рождественский';

/** What reaches out of the page, or is cut off at its side: empty, if all of it fits. */
export function overflows(on) {
  return on.evaluate((long) => {
    const names = [...document.querySelectorAll('.call bdi, .card bdi')].map((each) => each.firstChild).filter((each) => each?.nodeType === Node.TEXT_NODE);
    const before = names.map((each) => each.data);
    for (const each of names) each.data = long;
    const out = [];
    if (document.documentElement.scrollWidth > innerWidth) out.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const each of document.querySelectorAll('.call, .card')) if (each.scrollWidth > each.clientWidth) out.push(`${each.className} is ${each.scrollWidth} wide inside`);
    for (const each of document.querySelectorAll('.call, .card, .call button, .card button, .call .tile')) {
      const { left, right } = each.getBoundingClientRect();
      if (left < 0 || right > innerWidth) out.push(`${each.ariaLabel ?? each.className}: ${Math.round(left)} to ${Math.round(right)}`);
    }
    names.forEach((each, at) => (each.data = before[at]));
    return out;
  }, kLong);
}
