#include "net/mail_phrases.h"

#include <algorithm>

namespace godwit::net {

const std::vector<MailPhrases>& mail_phrases() {
  static const std::vector<MailPhrases> all = {
      {"en",
       {"The file", "As promised", "Backup", "The data", "For you", "Attached", "Today's file", "Saving this"},
       {"Hello, the file is attached.", "Here it is.", "As discussed, see the attachment.", "Please keep this for me.",
        "Hi! File attached, no hurry.", "This is the copy you asked for."},
       {"Thanks, mine is attached.", "Got it. Here is the other one.", "Thank you, see attachment.",
        "Received, thanks."}},
      {"de",
       {"Die Datei", "Wie versprochen", "Sicherung", "Anbei", "Die Daten", "Zum Aufheben"},
       {"Hallo, die Datei ist im Anhang.", "Anbei die Datei.", "Wie besprochen, siehe Anhang.",
        "Bitte hebe das für mich auf."},
       {"Danke, meine ist im Anhang.", "Ist angekommen, hier die andere.", "Vielen Dank, siehe Anhang."}},
      {"fr",
       {"Le fichier", "Comme promis", "Sauvegarde", "Les données", "Pour toi", "Ci-joint"},
       {"Bonjour, le fichier est joint.", "Voici le fichier.", "Comme convenu, en pièce jointe.",
        "Peux-tu le garder pour moi ?"},
       {"Merci, le mien est joint.", "Bien reçu, voici l'autre.", "Merci, voir la pièce jointe."}},
      {"es",
       {"El archivo", "Lo prometido", "Copia", "Los datos", "Para ti", "Adjunto"},
       {"Hola, va el archivo adjunto.", "Aquí está.", "Como hablamos, va adjunto.", "Guárdamelo, por favor."},
       {"Gracias, el mío va adjunto.", "Recibido, aquí está el otro.", "Gracias, ver adjunto."}},
      {"tr",
       {"Dosya", "Söz verdiğim gibi", "Yedek", "Veriler", "Ekte", "Senin için"},
       {"Merhaba, dosya ekte.", "İşte dosya.", "Konuştuğumuz gibi, ekte.", "Bunu benim için sakla lütfen."},
       {"Teşekkürler, benimki ekte.", "Aldım, diğeri ekte.", "Teşekkür ederim, eke bak."}},
      {"ru",
       {"Файл", "Как обещал", "Копия", "Данные", "Во вложении", "Для тебя"},
       {"Привет, файл во вложении.", "Вот файл.", "Как договорились, см. вложение.", "Сохрани, пожалуйста."},
       {"Спасибо, мой во вложении.", "Получил, вот второй.", "Спасибо, см. вложение."}},
      {"uk",
       {"Файл", "Як обіцяв", "Копія", "Дані", "У вкладенні", "Для тебе"},
       {"Привіт, файл у вкладенні.", "Ось файл.", "Як домовлялися, див. вкладення.", "Збережи, будь ласка."},
       {"Дякую, мій у вкладенні.", "Отримав, ось другий.", "Дякую, див. вкладення."}},
      {"fa",
       {"فایل", "پیوست", "نسخه پشتیبان", "داده‌ها", "برای شما"},
       {"سلام، فایل پیوست است.", "این هم فایل.", "لطفا این را نگه دار."},
       {"ممنون، فایل من پیوست است.", "رسید، این هم دیگری."}},
      {"ar",
       {"الملف", "المرفق", "نسخة احتياطية", "البيانات", "لك"},
       {"مرحبا، الملف مرفق.", "هذا هو الملف.", "احتفظ به من فضلك."},
       {"شكرا، ملفي مرفق.", "وصل، وهذا الآخر."}},
      {"zh",
       {"文件", "附件", "备份", "数据", "给你的文件"},
       {"你好,文件在附件里。", "这是文件。", "请帮我保存一下。"},
       {"谢谢,我的在附件里。", "收到,这是另一个。"}},
  };
  return all;
}

const MailPhrases& phrases_for(std::string_view language) {
  const std::string_view wanted = language.substr(0, language.find_first_of("_-.@"));
  const auto& all = mail_phrases();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.language == wanted; });
  return found == all.end() ? all.front() : *found;
}

}  // namespace godwit::net
