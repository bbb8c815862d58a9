// For browsers in which the page cannot run: says so. Written so that any browser can read it; both languages, since the message
// files are not read there.
(function () {
  var here = window.HTMLElement && window.CSS && CSS.supports && window.Promise && 'noModule' in HTMLScriptElement.prototype;
  var able = here && 'popover' in HTMLElement.prototype && window.HTMLDialogElement && CSS.supports('color', 'color-mix(in srgb, red, blue)');
  if (able) return;
  document.documentElement.className = 'too-old'; // main.ts does nothing then
  window.onload = function () {
    var place = document.getElementById('app');
    place.appendChild(document.createTextNode('This browser is too old for Godwit. Update it, or use Chrome 120, Firefox 125 or Safari 17, or later.'));
    place.appendChild(document.createElement('br'));
    place.appendChild(document.createTextNode('Этот браузер слишком стар для Godwit. Обновите его или возьмите Chrome 120, Firefox 125 или Safari 17 или новее.'));
  };
})();
