"""What outlets say around an article rather than in it, by language; each phrase is the beginning of a line."""

from __future__ import annotations

import re

# A label before the title of another article; it stands alone or ends in a colon.
_TEASERS = {
    "en": r"read (?:more|also|next)|see (?:also|more)|also (?:read|see|on \S+)"
    r"|related(?: (?:stories|articles|news|coverage))?"
    r"|more (?:on this|from \w+)|don.t miss|recommended|you may also like|most read.{0,20}",
    "ru": r"читайте (?:также|ещ[её])|смотрите также|по теме|ещ[её] по теме|материалы по теме|подробнее",
    "hy": r"կարդա(?:լ|ցե՛ք|ցեք) նաև|կարդացեք նաեւ|տե՛ս նաև|տե՛ս նաեւ|դիտե՛ք նաև|նաև կարդացեք",
    "az": r"həmçinin oxu\w*|oxuyun|bunu da oxu\w*|həmçinin bax\w*",
    "ka": r"(?:ასევე )?წაიკითხეთ(?: ასევე)?|(?:ასევე )?იხილეთ(?: ასევე)?|ამავე თემაზე",
    "tr": r"ayrıca (?:oku\w*|bakın\w*)|bunu da oku\w*|ilgili haber\w*",
    "uk": r"читайте також|дивіться також|за темою",
    "de": r"lesen sie auch|mehr zum thema|auch interessant",
    "fr": r"(?:à )?lire aussi|sur le même sujet",
    "es": r"lea también|lee también|le puede interesar|te puede interesar",
    "pt": r"leia (?:também|mais)|veja também",
    "it": r"leggi anche|guarda anche",
    "pl": r"czytaj (?:także|też|również|więcej)|przeczytaj także|zobacz także",
    "nl": r"lees ook|lees meer",
}
# What readers are asked to do at the end, and who did what.
_INVITATIONS = {
    "en": r"follow (?:us|me|him|her|them|@|[\w’'. -]{2,50}\bon (?:twitter|facebook|instagram|telegram|youtube|x\b))"
    r"|subscribe\b|sign up\b|newsletter\b.{0,60}$|click here|donate\b|copyright\b.{0,150}$|©|\(c\)|all rights reserved"
    r"|get (?:the|our|unlimited|access|all)\b.{0,80}(?:app\b|newsletter|inbox|subscri|letterbox|on the go|updates?\b)"
    r"|download (?:the|our).{0,40}app\b|like (?:this|what you)|share (?:this|your)|have (?:a|any) (?:tip|question)"
    r"|contact (?:us|the (?:author|reporter|writer))|reach the reporters?\b|write to (?:us|[\w ]{3,40} at)\b"
    r"|e-?mail (?:us|\S+@)|join (?:us|our|the conversation)\b|support (?:us|our)\b|something to consider$|tell us what"
    r"|this copy is for|thank you$|an error has|if you enjoyed|listen to.{0,80}$|watch (?:our|live|more).{0,80}$"
    r"|more (?:from|on|ap)\b.{0,80}$|\(?(?:additional )?reporting by|\(?(?:writing|editing) by|editor.s note"
    r"|.{3,120} contributed (?:to this|reporting)",
    "ru": r"подписывайтесь|подпишитесь|подписаться|следите за (?:нами|нашими|новостями)|читайте нас|присоединяйтесь"
    r"|наш (?:телеграм|telegram|канал)|(?:нашли|заметили) (?:ошибку|опечатку)|если вы (?:нашли|заметили)"
    r"|поделиться|поделитесь|все права|источник:|фото:|поддержите",
    "hy": r"բաժանորդագրվե\W?ք|հետևե\W?ք|միացե\W?ք|կիսվել|կիսվե\W?ք|տարածել$|լուսանկար\w*:|աղբյուր\w*:",
    "az": r"abunə ol(?:un|maq)?\b|bizi izlə\w*|paylaş\w*$|bütün hüquqlar|mənbə:|foto:",
    "ka": r"გამოიწერე\w*|გამოგვყევი\w*|გააზიარე\w*|წყარო:|ფოტო:",
    "tr": r"abone ol(?:un|mak)?\b|bizi takip|takip edin|tüm hakları|kaynak:",
    "uk": r"підписуйтесь|підпишіться|стежте за|слідкуйте за|усі права",
    "de": r"abonnieren sie|folgen sie uns|alle rechte",
    "fr": r"abonnez-vous|suivez-nous|inscrivez-vous|tous droits",
    "es": r"suscríb[ea]\w*|síguenos|todos los derechos",
    "pt": r"assine (?:o|a|nossa?)\b|siga (?:o|a|nos|nossa?)\b|inscreva-se|todos os direitos",
    "it": r"iscriviti|seguici|riproduzione riservata",
    "pl": r"zapisz się|obserwuj nas|wszelkie prawa",
    "nl": r"volg ons",
}
# A label behind which nothing of the article comes: it stands alone, or a colon and a list follow.
_ENDINGS = (
    r"(?:\d+ )?(?:comments?|комментари\w+|մեկնաբանություններ|şərhlər|კომენტარ\w+|yorumlar|kommentare|commentaires"
    r"|comentarios|comentários|commenti|komentarze|reacties)\W*\d*\W*"
    r"|(?:tags|topics|теги|метки|թեգեր|պիտակներ|etiketlər|etiketler|თეგები|schlagw\w+|etiquetas|mots[- ]clés|tagi)"
    r"\s*(?::.{0,200})?"
)
ENDING = re.compile(rf"\W*(?:{_ENDINGS})$", re.IGNORECASE)
TEASER = re.compile(rf"\W*(?:{'|'.join(_TEASERS.values())})\W{{0,3}}(?::|$|\|)", re.IGNORECASE)
INVITATION = re.compile(rf"\W*(?:{'|'.join(_INVITATIONS.values())})", re.IGNORECASE)
