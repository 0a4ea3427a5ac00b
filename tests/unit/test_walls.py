"""What stands in an article's place: walls, lists of other pages, pages without text; and what is no such thing."""

from __future__ import annotations

import pytest

from monitor.collect.challenge import refusal
from monitor.collect.extract import extract_page
from monitor.errors import SourceError
from monitor.fulltext import with_page
from monitor.model import Draft, Selectors, SourceKind, TextState
from tests.factories import article, source
from tests.unit.test_moments import BODY, NOW, TITLE, URL, jsonld

ARTICLE = '<meta property="og:type" content="article">'
LEAD = "Thirty-two prisoners of war came home in the evening, the first to return since the ceasefire was signed."
ABOUT = "Судья приговорил депутата к пяти годам; военнопленные вернулись домой, сообщили в прокуратуре."


def page(body: str, head: str = "", *, title: str = TITLE, lang: str = "en") -> str:
    return (
        f'<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>{body}</body></html>'
    )


def read(markup: str) -> Draft:
    return extract_page(markup.encode(), url=URL, content_type="text/html", selectors=Selectors(), now=NOW)


CONSENT = """<div class="box"><h1>Before you continue</h1><p>We and our 237 partners store and access information on a device, such as
cookies, and process personal data for personalised advertising, with your consent or on the ground of legitimate interest. You may
change your choices at any time in our privacy centre.</p><button>Reject all</button><p>Accept all cookies</p><p>Manage options</p></div>"""
WALLS = {
    "consent": page(CONSENT, title="Before you continue"),
    "consent, de facto": page("<main><h1>We value your privacy</h1><p>This website uses cookies to make it work.</p><p>Continue with cookies</p></main>"),
    "pay": page(f"<article><h1>{TITLE}</h1><p>This article is for subscribers only.</p><p>Subscribe to continue reading</p><p>Already a subscriber? Log in</p></article>", jsonld(headline=TITLE, datePublished="2026-11-24T10:05:00Z")),
    "login": page(f"<article><h1>{TITLE}</h1><p>Sign in to continue reading this story, or create a free account in a minute.</p><p>Sign in</p></article>", ARTICLE),
    "ru": page("<article><h1>Пленные вернулись</h1><p>Материал доступен только по подписке.</p><p>Чтобы прочитать статью целиком, войдите или оформите подписку.</p></article>", ARTICLE, lang="ru"),
    "ru, cookies": page("<main><h1>Сайт</h1><p>Мы используем файлы cookie, чтобы сайт работал лучше и был удобнее для вас.</p><p>Принять все cookies</p></main>", lang="ru"),
    "hy": page("<main><h1>Գերիները վերադարձան</h1><p>Շարունակելու համար անհրաժեշտ է մուտք գործել կամ բաժանորդագրվել մեր կայքում։</p></main>", ARTICLE, lang="hy"),
    "az": page("<main><h1>Əsirlər qayıtdı</h1><p>Məqaləni oxumaq üçün saytımıza abunə olun və ya hesabınıza daxil olun, çox sağ olun.</p></main>", ARTICLE, lang="az"),
    "ka": page("<main><h1>ტყვეები დაბრუნდნენ</h1><p>სტატიის წასაკითხად გთხოვთ გაიაროთ რეგისტრაცია ან გამოიწეროთ ჩვენი გამოცემა დღესვე.</p></main>", ARTICLE, lang="ka"),
    "tr": page("<main><h1>Esirler döndü</h1><p>Haberin tamamını okumak için abone olun ya da hesabınıza giriş yapın, teşekkür ederiz.</p></main>", ARTICLE, lang="tr"),
}  # fmt: skip # a table


@pytest.mark.parametrize("name", WALLS)
def test_a_wall_without_its_article_is_no_text(name: str) -> None:
    """It is tried again, and shown; whatever the page states of the article behind it."""
    with pytest.raises(SourceError, match="wall_page"):
        read(WALLS[name])


def test_a_paywall_with_a_lead_leaves_the_lead() -> None:
    """What the outlet gives is kept, what it asks for is not."""
    body = f"<article><h1>{TITLE}</h1><p>{LEAD}</p><p>This article is for subscribers only.</p><p>Subscribe to continue reading</p></article>"
    assert read(page(body, ARTICLE)).text == LEAD


@pytest.mark.parametrize(
    "line",
    [
        "We use cookies, the minister said of the programme that watched the families of prisoners for years, and we will go on.",
        "Пользователи должны знать, что сайт использует файлы cookie, заявил омбудсмен на встрече с журналистами в столице.",
        "Readers who subscribe to get the news of the front by mail were told on Monday that the ministry reads it first.",
    ],
)
def test_an_article_about_walls_is_none(line: str) -> None:
    """A wall has nothing else to say."""
    text = read(page(f"<article><h1>{TITLE}</h1><p>{line}</p>{BODY}</article>")).text or ""
    assert line in text


@pytest.mark.parametrize(
    ("title", "head"),
    [("Доступ ограничен: перевал закрыт из-за снега", ""), ("Request rejected by the court of appeal", ""), ("Security check at the bridge takes hours", ARTICLE)],
)  # fmt: skip # a table
def test_a_headline_that_begins_like_a_bot_walls_is_none(title: str, head: str) -> None:
    """A wall's title says no more, and a wall does not call itself an article."""
    assert read(page(f"<main><h1>{title}</h1><p>{LEAD}</p></main>", head, title=title)).text == LEAD


def test_a_banner_behind_an_article_takes_nothing_away() -> None:
    """Short as it may be."""
    assert (
        read(
            page(f"<main><h1>{TITLE}</h1><p>{LEAD}</p></main><div class='note'><p>This website uses cookies.</p></div>")
        ).text
        == LEAD
    )


HEADLINES = [
    "Parliament adopts the budget in the second reading", "Strike at the copper mine enters its third week", "Flood in the valley leaves four villages without power",
    "Talks on the border go on behind closed doors", "Court frees two editors after half a year in custody", "Snow closes the pass over the mountains again",
    "Teachers want higher wages and march to the ministry", "Harvest of tea is the smallest for eleven years", "New bridge over the river opens for lorries",
    "Ceasefire holds for a third day, observers say", "Museum shows carpets that were hidden for a century", "Airport waits for the fog to lift over the runway",
]  # fmt: skip # a table
TEASER = "Officials would not say when, and the families who have waited since the spring were told to go home and wait for a call."
FRONTS = {
    "headings": "<main><h1>News</h1>" + "".join(f"<h3><a href='/{n}'>{text}</a></h3>" for n, text in enumerate(HEADLINES)) + "</main>",
    "a list": "<main><h1>Politics</h1><ul>" + "".join(f"<li><a href='/{n}'>{text}</a></li>" for n, text in enumerate(HEADLINES)) + "</ul></main>",
    "cards": "<main>" + "".join(f"<article><h2><a href='/{n}'>{text}</a></h2><time datetime='2026-11-25T1{n % 10}:00:00+04:00'>1{n % 10}:00</time></article>" for n, text in enumerate(HEADLINES)) + "</main>",
    "cards with teasers": "<main><h1>Society</h1>" + "".join(f"<div class='item'><h3><a href='/{n}'>{text}</a></h3><p><a href='/{n}'>{TEASER}</a></p></div>" for n, text in enumerate(HEADLINES)) + "</main>",
    "dates before": "<div class='feed'>" + "".join(f"<div><span>25.11.2026, 1{n % 10}:00</span> <a href='/{n}'>{text}</a></div>" for n, text in enumerate(HEADLINES)) + "</div>",
}  # fmt: skip # a table


@pytest.mark.parametrize("name", FRONTS)
def test_a_list_of_other_pages_is_no_article(name: str) -> None:
    """Front pages and sections: their words are of many articles, each of which has its own page."""
    with pytest.raises(SourceError, match="no_article"):
        read(page(FRONTS[name], '<meta property="og:type" content="website">', title="The Outlet"))


def test_an_article_among_many_links_is_one() -> None:
    """Whether it states anything or not."""
    links = "".join(f"<li><a href='/{n}'>{text}</a></li>" for n, text in enumerate(HEADLINES * 4))
    body = f"<nav><ul>{links}</ul></nav><div><h1>{TITLE}</h1>{BODY}</div><div><ul>{links}</ul></div>"
    assert LEAD[:40] in (read(page(body)).text or "")


def test_a_short_piece_among_many_links_is_one() -> None:
    """On a page that states nothing, with no date on it."""
    links = "".join(f"<li><a href='/{n}'>{text}</a></li>" for n, text in enumerate(HEADLINES * 4))
    assert read(page(f"<div><h1>{TITLE}</h1><p>{LEAD}</p></div><div><ul>{links}</ul></div>")).text == LEAD


def test_a_list_that_is_an_article_is_one() -> None:
    """A page with a date or a type of its own may consist of links."""
    assert HEADLINES[9] in (read(page(FRONTS["headings"], ARTICLE)).text or "")
    assert HEADLINES[9] in (
        read(page(FRONTS["headings"], jsonld(headline=TITLE, datePublished="2026-11-24T10:05Z"))).text or ""
    )


@pytest.mark.parametrize(
    ("title", "body", "text"),
    [
        ("Депутат осужден", "<article><h1>Депутат осужден</h1><p>Осужден.</p></article>", "Осужден."),
        ("Депутат осужден", "<main><h1>Депутат осужден</h1><div class='text'>Суд: виновен!</div></main><footer><p>© 2026</p></footer>", "Суд: виновен!"),
        ("Պատգամավորը դատապարտվեց", "<article><h1>Պատգամավորը դատապարտվեց</h1><p>Դատապարտվեց։</p></article>", "Դատապարտվեց։"),
    ],
)  # fmt: skip # a table
def test_a_flash_of_one_word_is_kept_where_the_page_is_an_article(title: str, body: str, text: str) -> None:
    """Its headline says the rest."""
    draft = read(page(body, ARTICLE, title=title))
    assert (draft.text, bool(draft.title)) == (text, True)


@pytest.mark.parametrize(
    "shown",
    ["", "<p>Loading...</p>", "<p>Загрузка…</p>", "<nav><a href='/'>Home</a> <a href='/n'>News</a></nav><b>Share</b>"],
)
def test_a_page_that_a_script_builds_has_what_it_says_of_itself(shown: str) -> None:
    """In meta tags or in JSON-LD, as a summary; it has no text, and does not pretend to."""
    body = f"<div id='app'>{shown}</div><script>start()</script>"
    for head in (
        f'{ARTICLE}<meta property="og:description" content="{ABOUT}">',
        jsonld(headline=TITLE, description=ABOUT),
    ):
        draft = read(page(body, head))
        assert (draft.title, draft.summary, draft.text) == (TITLE, ABOUT, None)


@pytest.mark.parametrize("head", [ARTICLE, f'<meta property="og:description" content="{ABOUT}">'])
def test_a_page_that_says_nothing_of_an_article_has_no_text(head: str) -> None:
    """A description of the site is none of an article."""
    with pytest.raises(SourceError, match="no_text"):
        read(page("<div id='app'></div>", head))


def test_a_text_is_not_joined_by_the_description_of_its_page() -> None:
    """Descriptions are cut, or written for search engines."""
    assert (
        read(page(f"<article><h1>{TITLE}</h1>{BODY}</article>", f'<meta name="description" content="{ABOUT}">')).summary
        == ""
    )


def detected(_: str, told: str | None) -> str:
    return told or "ru"


@pytest.mark.parametrize("kind", [SourceKind.FEED, SourceKind.LISTING])
def test_a_summary_alone_is_matched_and_the_text_is_not_called_complete(kind: SourceKind) -> None:
    """It joins what the source told; the page is not counted as read, so that a text that comes later is no edit."""
    stored = article(summary="Кратко.", text="", text_state=TextState.WANTED)
    draft = Draft(url=URL, title=TITLE, summary=ABOUT)
    found = with_page(stored, draft, source(kind=kind), now=NOW, detect=detected)
    assert found.summary.split("\n\n")[:2] == ["Кратко.", ABOUT]
    assert (found.text, found.text_state, found.page_read_at) == ("", TextState.NONE, None)
    again = with_page(found, draft, source(kind=kind), now=NOW, detect=detected)
    assert again.summary == found.summary


def test_a_page_that_loses_its_text_keeps_the_one_that_was_read() -> None:
    """What is there stays complete."""
    stored = article(text=LEAD, text_state=TextState.WANTED, page_read_at=NOW)
    found = with_page(stored, Draft(url=URL, title=TITLE, summary=ABOUT), source(), now=NOW, detect=detected)
    assert (found.text, found.text_state) == (LEAD, TextState.COMPLETE)


@pytest.mark.parametrize(
    ("shown", "author"),
    [
        ("<p>Автор: Анна Петросян</p>", "Анна Петросян"), ("<div>By Anna Petrosyan</div>", "Anna Petrosyan"), ("<p>Müəllif: Əli Məmmədov</p>", "Əli Məmmədov"),
        ("<p>Հեղինակ՝ Աննա Պետրոսյան</p>", "Աննա Պետրոսյան"), ("<p>ავტორი: ნინო ბერიძე</p>", "ნინო ბერიძე"), ("<p>Yazar: Ayşe Yılmaz</p>", "Ayşe Yılmaz"),
        ("<span>Текст: Анна Петросян, Гиорги Беридзе</span>", "Анна Петросян, Гиорги Беридзе"), ("<div>By <b>Anna Petrosyan</b> and <b>Giorgi Beridze</b></div>", "Anna Petrosyan and Giorgi Beridze"),
        # Sentences, labels without a name, names without a label.
        ("<p>By Monday morning</p>", None), ("<p>By Monday the talks were over.</p>", None), ("<p>Автор: редакция</p>", None), ("<p>Anna Petrosyan</p>", None), ("<p>Автор закона: Анна Петросян</p>", None),
        ("<p>Текст: читайте завтра</p>", None), ("<p>By 2026</p>", None),
    ],
)  # fmt: skip # a table
def test_an_author_is_read_from_a_line_that_names_one_and_no_more(shown: str, author: str | None) -> None:
    """Above the text or behind it; in doubt there is none."""
    above = f"<div><h1>{TITLE}</h1><div class='head'>{shown}</div><div class='text'>{BODY}</div></div>"
    behind = f"<article><h1>{TITLE}</h1>{BODY}{shown}</article>"
    assert read(page(above)).author == author
    assert read(page(behind)).author == author


CLOUDFLARE = page("<script>window._cf_chl_opt={}</script>", title="Just a moment...").encode()


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind"),
    [
        (403, CLOUDFLARE, {}, "challenge_page"), (503, CLOUDFLARE, {}, "challenge_page"), (429, CLOUDFLARE, {}, "challenge_page"), (403, b"", {"cf-mitigated": b"challenge"}, "challenge_page"),
        (403, b"<script>var dd={'host':'geo.captcha-delivery.com'}</script>", {}, "challenge_page"), (403, b"<iframe src='/_Incapsula_Resource?x=1'></iframe>", {}, "challenge_page"),
        (403, page("", title="DDoS-Guard").encode(), {}, "challenge_page"), (405, b"", {"x-amzn-waf-action": b"captcha"}, "challenge_page"), (403, page("", title="Вы не робот?").encode(), {}, "challenge_page"),
        # The site's own refusals, and what no wall answers with.
        (403, page("<h1>Forbidden</h1>", title="403 Forbidden").encode(), {"server": b"cloudflare"}, "http_403"), (403, page("", title="Access denied | The Outlet").encode(), {}, "http_403"),
        (503, b"down for maintenance", {}, "http_503"), (404, CLOUDFLARE, {}, "http_404"), (500, b"", {"cf-mitigated": b"challenge"}, "http_500"), (403, b"\xff\xfe\0", {}, "http_403"), (429, b"", {}, "http_429"),
    ],
)  # fmt: skip # a table
def test_a_refusal_is_told_as_what_it_is(status: int, body: bytes, headers: dict[str, bytes], kind: str) -> None:
    """A bot wall wants another remedy than an outlet that has forbidden or lost a page."""
    assert refusal(status, body, headers) == kind
