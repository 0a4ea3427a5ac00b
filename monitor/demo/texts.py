"""What the demo's invented outlets publish. Places, people and outlets are made up; the languages are real."""

from __future__ import annotations

from dataclasses import dataclass

PRISONERS, PEACEKEEPERS, CEASEFIRE = "prisoners", "peacekeepers", "ceasefire"


@dataclass(frozen=True, slots=True)
class Piece:
    """A sample article. `after` is seconds from the first request; below zero it was there before.

    `summary` is what a feed shows of it, where that is less than the text; `refusals` so many times its page answers
    503 first.
    """

    slug: str
    title: str
    text: str
    after: float
    rules: tuple[str, ...] = ()
    looks_like: str = ""  # the word that only looks like a keyword
    summary: str = ""
    refusals: int = 0


COURIER = (
    Piece(
        "bridge-reopens",
        "Old bridge over the Kura reopens after repairs",
        "The stone bridge in Old Kurali is open to pedestrians again.\n\nRepairs took eleven months and were paid for by"
        " the town.",
        -90000,
    ),
    Piece(
        "talks-on-truce",
        "Mediators return to the valley to keep the truce alive",
        "Two mediators arrived on Monday.\n\nThey said the truce had held for nine days and that both sides wanted it to"
        " last.",
        -40000,
        (CEASEFIRE,),
    ),
    Piece(
        "return-of-prisoners",
        "Eight come home: how the return of the prisoners was agreed",
        "Eight men crossed the checkpoint at Upper Lori shortly after noon.\n\nThe return of the prisoners of war was"
        " agreed in the third week of talks. Peacekeepers escorted the two buses from the pass to the town hall, where"
        " families had been waiting since the morning.\n\nBoth sides repeated that the ceasefire, signed in the spring,"
        " remains in force. A list of eleven more names is still being discussed, the negotiators said.",
        2,
        (PRISONERS, PEACEKEEPERS, CEASEFIRE),
    ),
    Piece(
        "mine-museum",
        "A miner's museum opens in the highlands",
        "The museum shows what a miner carried to work a century ago. Visitors may imprison themselves in a narrow shaft"
        " for a minute, its founder joked.",
        3,
        (),
        "miner, imprison",
    ),
    Piece(
        "night-convoy",
        "Night convoy passes the river line without incident",
        "A convoy with medicine passed the river line on Tuesday night.\n\nThe peacekeeping mission said its patrols had"
        " cleared the road an hour before.",
        14,
        (PEACEKEEPERS,),
    ),
)
VESTNIK = (
    Piece(
        "obmen",
        "Стороны согласовали списки для обмена",
        "Переговоры о возвращении военнопленных завершились поздно вечером.\n\nПо словам посредников, автобусы пройдут"
        " через перевал в сопровождении миротворцев.",
        2,
        (PRISONERS, PEACEKEEPERS),
    ),
    Piece(
        "plenka",
        "Старая плёнка: в архиве нашли съёмки довоенного города",
        "На плёнке видны трамваи, рынок и мост. Реставраторы готовят показ к осени.",
        4,
        (),
        "плёнка",
    ),
    Piece(
        "rezhim",
        "Наблюдатели: о прекращении огня напомнили обеим сторонам",
        "Ночь прошла спокойно.\n\nНаблюдатели напомнили о прекращении огня и попросили отвести технику от дороги.",
        15,
        (CEASEFIRE,),
    ),
)
ARAGATS = (
    Piece(
        "geriner",
        "Ռազմագերիների վերադարձը քննարկվել է երեք օր",
        "Կողմերը պայմանավորվել են ռազմագերիների վերադարձի շուրջ։ Խաղաղապահները կուղեկցեն ավտոբուսները մինչև քաղաք։",
        3,
        (PRISONERS, PEACEKEEPERS),
    ),
    Piece(
        "hradadar",
        "Հրադադարի պահպանումը քննարկվել է սահմանին",
        "Դիտորդները հայտնել են, որ հրադադարը պահպանվում է։ Գիշերն անցել է հանգիստ։",
        13,
        (CEASEFIRE,),
    ),
    Piece("shuka", "Քաղաքում բացվել է նոր շուկա", "Շուկան աշխատում է ամեն օր՝ առավոտից մինչև երեկո։", 5),
)
XEZER = (
    Piece(
        "esirler",
        "Əsirlərin qaytarılması üçün siyahı hazırdır",
        "Tərəflər əsirlərin qaytarılması barədə razılığa gəliblər. Siyahıda səkkiz nəfərin adı var.",
        3,
        (PRISONERS,),
    ),
    Piece(
        "teesir",
        "Quraqlığın bağlara təsiri araşdırılır",
        "Alimlər quraqlığın bağlara təsirini və suvarma qaydalarını öyrənirlər.",
        4,
        (),
        "təsir",
    ),
    Piece(
        "ateskes",
        "Atəşkəs rejiminə nəzarət davam edir",
        "Sülhməramlılar atəşkəs rejiminə nəzarəti gücləndiriblər. Yol gecə də açıq qalacaq.",
        14,
        (PEACEKEEPERS, CEASEFIRE),
    ),
)
MTKVARI = (
    Piece(
        "tkveebi",
        "ტყვეების გაცვლაზე მოლაპარაკება დასრულდა",
        "მხარეები ტყვეების დაბრუნებაზე შეთანხმდნენ. ავტობუსები ქალაქში საღამოს ჩავიდა.",
        4,
        (PRISONERS,),
    ),
    Piece(
        "satqvia",
        "ბუღალტერი, რომელიც სატყეო ბილიკებს წმენდს",
        "კვირაობით ის მეგობრებთან ერთად ტყეში გადის და სატყეო ბილიკებს წმენდს.",
        5,
        (),
        "სატყეო",
    ),
    Piece(
        "shetskveta",
        "ცეცხლის შეწყვეტის შეთანხმება ძალაში რჩება",
        "დამკვირვებლების თქმით, ცეცხლის შეწყვეტის შეთანხმება ძალაშია და გზა ღიაა.",
        15,
        (CEASEFIRE,),
    ),
)
HIGHLAND = (
    Piece(
        "eight-released",
        "Eight prisoners of war released at the pass",
        "Eight prisoners of war were handed over at the pass on Monday.",
        4,
        (PRISONERS,),
    ),
    Piece("harvest", "Walnut harvest begins early", "Growers expect a good year.", 4),
)
PASS_RADIO = (
    Piece(
        "released",
        "Released at noon: eight detainees are back in town",
        "The eight detainees reached the town at noon, Pass Radio's reporter says.",
        5,
        (PRISONERS,),
    ),
)
SLOW = (
    Piece(
        "slow-road",
        "Peacekeepers close the mountain road for a day",
        "The road over the pass is closed until tomorrow, the peacekeepers said.",
        4,
        (PEACEKEEPERS,),
    ),
)
RIDGE = (
    Piece(
        "school-roof",
        "The school on the ridge gets a new roof",
        "The school on the ridge will be covered with slate again.\n\nParents carried the old tiles down to the yard on"
        " Sunday, and the carpenters begin on Monday if it does not rain.",
        -70000,
    ),
    Piece(
        "an-evening-at-the-gate",
        "An evening at the northern gate, and whom the town waited for",
        "Nobody had said when they would come, so the whole street stood at the gate from five o'clock.\n\nAt half past"
        " eight the first bus stopped under the lamp. Six prisoners of war climbed out, one of them on crutches, and the"
        " street was quiet for a long moment before anybody spoke.\n\nTheir names had been read out on the radio in the"
        " morning. Two mothers had come from villages on the other side of the river.",
        3,
        (PRISONERS,),
    ),
    Piece(
        "what-the-shepherds-saw",
        "What the shepherds saw above the lake",
        "Two shepherds heard engines on the road above the lake before dawn.\n\nThe peacekeepers, it turned out, had"
        " brought a doctor up to the last farm. They left again at noon, and the dogs slept in the dust behind them.",
        4,
        (PEACEKEEPERS,),
        refusals=2,
    ),
)
DOLINA = (
    Piece(
        "doroga",
        "Дорогу через долину откроют раньше срока",
        "Дорогу через долину обещают открыть за неделю до праздников.\n\nРабочие уложили последний слой щебня, осталось"
        " поставить ограждение у моста.",
        -60000,
    ),
    Piece(
        "tihaya-noch",
        "Тихая ночь у реки: о чём договорились командиры",
        "Командиры двух постов встретились у реки в девять вечера.\n\nОни подтвердили, что перемирие и прекращение огня"
        " соблюдаются, и обменялись номерами телефонов. Ночью на обоих берегах было тихо, утром крестьяне вышли в поле.",
        5,
        (CEASEFIRE,),
    ),
)
BRIEF = (
    Piece(
        "morning-notes",
        "Morning notes from the valley",
        "Three things to know before breakfast.\n\nThe ferry runs again from seven.\n\nThe truce at the river crossing was"
        " prolonged by a month, both delegations said late on Tuesday; the text will be published at noon.\n\nThe bakers'"
        " strike is over.",
        6,
        (CEASEFIRE,),
        summary="Three things to know before breakfast.",
    ),
    Piece(
        "evening-notes",
        "Evening notes from the valley",
        "The market closes an hour later from today.\n\nThe library looks for readers who own a lamp.",
        5,
        summary="The market, the library, and the weather.",
    ),
)
