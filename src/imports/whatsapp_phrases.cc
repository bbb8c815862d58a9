#include "imports/whatsapp_phrases.h"

#include <algorithm>
#include <array>

#include "imports/characters.h"

namespace godwit::imports {
namespace {

// "<attached: NAME>" of iOS.
constexpr std::array<std::string_view, 11> kAttached{"attached", "Anhang",  "прикреплено",  "вложено",
                                                     "adjunto",  "anexado", "pièce jointe", "eklendi",
                                                     "ekli",     "مرفق",    "پیوست"};
// "NAME (file attached)" of Android. In other languages it has some 60 bytes at most.
constexpr size_t kWordsMax = 200;
constexpr std::array<std::string_view, 11> kFileAttached{
    "file attached", "Datei angehängt", "файл добавлен", "файл прикреплен", "archivo adjunto", "arquivo anexado",
    "fichier joint", "dosya ekli",      "الملف مرفق",    "ملف مرفق",        "فایل پیوست شد"};
// "<Media omitted>" of Android.
constexpr std::array<std::string_view, 14> kOmitted{
    "Media omitted",           "Medien ausgeschlossen", "Medien weggelassen", "Без медиафайлов",
    "Медиа отсутствуют",       "Multimedia omitido",    "Archivo omitido",    "Mídia oculta",
    "Arquivo de mídia oculto", "Médias omis",           "Médias omises",      "Medya dahil edilmedi",
    "تم استبعاد الوسائط",      "رسانه حذف شد"};
// "image omitted" and the like of iOS: the last words.
constexpr std::array<std::string_view, 17> kOmittedEnds{
    " omitted", " weggelassen", " ausgelassen", " отсутствует",    " пропущено", " опущено",
    " omitida", " omitido",     " oculta",      " ocultado",       " oculto",    " absente",
    " absent",  " omise",       " omis",        " dahil edilmedi", " حذف شد"};
constexpr std::array<std::string_view, 21> kDeleted{"This message was deleted",
                                                    "You deleted this message",
                                                    "Diese Nachricht wurde gelöscht",
                                                    "Du hast diese Nachricht gelöscht",
                                                    "Данное сообщение удалено",
                                                    "Сообщение удалено",
                                                    "Вы удалили данное сообщение",
                                                    "Вы удалили это сообщение",
                                                    "Se eliminó este mensaje",
                                                    "Este mensaje fue eliminado",
                                                    "Eliminaste este mensaje",
                                                    "Esta mensagem foi apagada",
                                                    "Mensagem apagada",
                                                    "Você apagou esta mensagem",
                                                    "Ce message a été supprimé",
                                                    "Vous avez supprimé ce message",
                                                    "Bu mesaj silindi",
                                                    "Bu mesajı sildiniz",
                                                    "تم حذف هذه الرسالة",
                                                    "این پیام حذف شد",
                                                    "شما این پیام را حذف کردید"};
// "<This message was edited>" at the end.
constexpr std::array<std::string_view, 10> kEdited{"This message was edited",  "Diese Nachricht wurde bearbeitet",
                                                   "Сообщение изменено",       "Данное сообщение изменено",
                                                   "Se editó este mensaje",    "Mensagem editada",
                                                   "Ce message a été modifié", "Bu mesaj düzenlendi",
                                                   "تم تعديل هذه الرسالة",     "این پیام ویرایش شد"};

template <size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  text = without_marks(text);
  if (text.ends_with('.')) text.remove_suffix(1);
  return std::find(words.begin(), words.end(), text) != words.end();
}

// "WORDS: NAME" between angle brackets.
std::string_view attached_name(std::string_view inside, bool marked) {
  const size_t colon = inside.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view name = without_marks(inside.substr(colon + 1));
  const bool has_ending = name.find('.') != std::string_view::npos && name.find('\n') == std::string_view::npos;
  const bool known = is_one_of(inside.substr(0, colon), kAttached);
  return (known || (marked && has_ending)) ? name : std::string_view{};
}

// "IMG-20201231-WA0001.jpg" and the like: no person names a file so.
bool is_own_name(std::string_view name) {
  static constexpr std::string_view kForm = "-########-WA####.";
  const size_t at = name.find('-');
  if (at == std::string_view::npos || at == 0 || name.size() <= at + kForm.size()) return false;
  for (size_t i = 0; i < kForm.size(); ++i) {
    const char each = name[at + i];
    if (kForm[i] == '#' ? each < '0' || each > '9' : each != kForm[i]) return false;
  }
  return name.find_first_of("/ ") == std::string_view::npos;
}

bool looks_like_name(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || name.find_first_of(":/") != std::string_view::npos) return false;
  const std::string_view ending = name.substr(dot + 1);
  return !ending.empty() && ending.size() <= 5 && std::ranges::all_of(ending, [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9');
  });
}

// Of "NAME (file attached)", perhaps with a caption in the lines after it.
void take_android_file(std::string_view text, bool marked, FileHints& hints, Phrase& out) {
  const size_t end = text.find('\n');
  const std::string_view line = without_marks(text.substr(0, end));
  if (!line.ends_with(')')) return;
  const size_t open = line.rfind('(');
  if (open == std::string_view::npos || open < 2) return;
  const std::string_view words = without_marks(line.substr(open + 1, line.size() - open - 2));
  const std::string_view name = without_marks(line.substr(0, open));
  if (name.empty() || words.empty()) return;
  const bool by_messenger = marked && looks_like_name(name) && words.find("//") == std::string_view::npos;
  const bool sure = is_one_of(words, kFileAttached) || is_own_name(name) || by_messenger;
  if (sure && words.size() <= kWordsMax) hints.words = words;
  const bool named = sure || (words == hints.words && looks_like_name(name));
  if (!named && (!hints.has_file || !hints.has_file(name))) return;
  out.media = name;
  if (!named && words != hints.words) return;
  out.text = end == std::string_view::npos ? std::string_view{} : without_marks(text.substr(end + 1));
}

void take_edited(Phrase& out) {
  std::string_view text = out.text;
  while (!text.empty() && text != without_marks(text)) text = without_marks(text);
  if (!text.ends_with('>')) return;
  const size_t open = text.rfind('<');
  if (open == std::string_view::npos || !is_one_of(text.substr(open + 1, text.size() - open - 2), kEdited)) return;
  out.edited = true;
  out.text = without_marks(text.substr(0, open));
}

}  // namespace

Phrase parse_phrase(std::string_view text, bool marked, FileHints& hints) {
  Phrase out;
  out.text = text;
  const std::string_view bare = without_marks(text);
  if (bare.starts_with('<') && bare.ends_with('>') && bare.find('<', 1) == std::string_view::npos) {
    const std::string_view inside = bare.substr(1, bare.size() - 2);
    out.omitted = is_one_of(inside, kOmitted);
    out.media = out.omitted ? std::string_view{} : attached_name(inside, marked);
    if (out.omitted || !out.media.empty()) out.text = {};
    if (out.text.empty()) return out;
  }
  if (marked && bare.find('\n') == std::string_view::npos &&
      std::any_of(kOmittedEnds.begin(), kOmittedEnds.end(),
                  [&](std::string_view end) { return bare.ends_with(end); })) {
    out.omitted = true;
    out.text = {};
    return out;
  }
  if (is_one_of(bare, kDeleted)) {
    out.deleted = true;
    out.text = {};
    return out;
  }
  // A caption above the file, as iOS writes it.
  const size_t open = bare.rfind('<');
  if (open != std::string_view::npos && open > 0 && bare.ends_with('>')) {
    out.media = attached_name(bare.substr(open + 1, bare.size() - open - 2), false);
    if (!out.media.empty()) out.text = without_marks(bare.substr(0, open));
  }
  if (out.media.empty()) take_android_file(bare, marked, hints, out);
  take_edited(out);
  return out;
}

}  // namespace godwit::imports
