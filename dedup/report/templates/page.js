"use strict";
(() => {
  const root = document.documentElement;
  const all = (what, within = document) => [...within.querySelectorAll(what)];
  const address = () => new URLSearchParams(location.hash.slice(1));
  // What is chosen on one page of a library holds on its others, too.
  const others = all(".pages a");
  const pass = () => {
    const state = address();
    state.delete("group");
    others.forEach((link) => { link.hash = state.toString().replaceAll("%2C", ","); });
  };
  const write = (state) => {
    const text = state.toString().replaceAll("%2C", ",");
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
    pass();
  };
  const put = (state, name, value) => (value ? state.set(name, value) : state.delete(name));

  // The address belongs to the filters: the skip link must not overwrite it.
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("main").focus();
  });

  // ---- language
  const toggle = document.getElementById("language");
  const speak = (lang) => {
    root.dataset.lang = lang;
    root.lang = lang === "zh" ? "zh-Hans" : "en";
    document.title = document.querySelector("title").dataset[lang] || document.title;
  };
  const other = () => {
    const lang = root.dataset.lang === "zh" ? "en" : "zh";
    const state = address();
    put(state, "lang", lang === root.dataset.first ? "" : lang);
    write(state);
    speak(lang);
  };
  if (toggle) {
    toggle.hidden = false;
    toggle.addEventListener("click", other);
    addEventListener("keydown", (event) => {
      if (event.key === "l" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.matches("input[type=search]")) other();
    });
  }
  const first = () => {
    pass();
    if (!toggle) return;
    const lang = address().get("lang");
    speak(lang === "zh" || lang === "en" ? lang : root.dataset.first);
  };
  addEventListener("hashchange", first);
  first();

  // ---- filters, which live in the address
  const form = document.getElementById("filters");
  if (!form) return;
  form.hidden = false;
  const cards = all(".card");
  const facets = all("fieldset[data-facet]", form).map((set) => ({
    name: set.dataset.facet,
    boxes: all("input", set).map((box) => ({ box, pill: box.closest(".pill"), count: box.closest(".pill").querySelector(".n") })),
  }));
  const search = document.getElementById("q");
  const only = document.getElementById("only");
  const marc = document.getElementById("marc");
  const plain = (text) => text.toLowerCase().replace(/[\s\-\u2010-\u2015]/g, "");
  const texts = new Map();
  const text = (card) => {
    if (!texts.has(card)) texts.set(card, plain(all("bdi, .id", card).map((one) => one.textContent).join("\n")));
    return texts.get(card);
  };
  const chosen = (facet) => facet.boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);

  const show = () => {
    const wanted = facets.map((facet) => new Set(chosen(facet)));
    const sought = plain(search.value);
    const counts = facets.map(() => new Map());
    let groups = 0;
    let records = 0;
    for (const card of cards) {
      const fits = facets.map((facet, at) => !wanted[at].size || wanted[at].has(card.dataset[facet.name]));
      const found = !sought || text(card).includes(sought);
      const misses = fits.filter((fit) => !fit).length;
      card.hidden = misses > 0 || !found;
      if (!card.hidden) {
        groups += 1;
        records += Number(card.dataset.records);
      }
      facets.forEach((facet, at) => {
        if (!found || misses - (fits[at] ? 0 : 1) > 0) return;
        const value = card.dataset[facet.name];
        counts[at].set(value, (counts[at].get(value) || 0) + 1);
      });
    }
    facets.forEach((facet, at) => facet.boxes.forEach(({ box, pill, count }) => {
      const n = counts[at].get(box.value) || 0;
      count.textContent = n;
      pill.classList.toggle("none", n === 0 && !box.checked);
    }));
    all("section[data-part]").forEach((section) => { section.hidden = !section.querySelector(".card:not([hidden])"); });
    document.getElementById("groups").textContent = groups;
    document.getElementById("records").textContent = records;
    document.getElementById("nothing").hidden = groups > 0;
    document.body.classList.toggle("only", only.checked);
    document.body.classList.toggle("plain", marc !== null && !marc.checked);
    document.getElementById("clear").hidden = !search.value && wanted.every((set) => !set.size);
  };
  const remember = () => {
    const state = address();
    facets.forEach((facet) => put(state, facet.name, chosen(facet).join(",")));
    put(state, "q", search.value.trim());
    put(state, "rows", only.checked ? "differing" : "");
    put(state, "marc", marc === null || marc.checked ? "" : "off");
    state.delete("group");
    write(state);
    show();
  };
  const recall = () => {
    const state = address();
    facets.forEach((facet) => {
      const values = new Set((state.get(facet.name) || "").split(","));
      facet.boxes.forEach(({ box }) => { box.checked = values.has(box.value); });
    });
    search.value = state.get("q") || "";
    only.checked = state.get("rows") === "differing";
    if (marc) marc.checked = state.get("marc") !== "off";
    show();
    const card = cards.find((one) => !one.hidden && one.dataset.group === state.get("group"));
    if (state.get("group") && card) go(card);
  };
  form.addEventListener("change", remember);
  search.addEventListener("input", remember);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("clear").addEventListener("click", () => {
    facets.forEach((facet) => facet.boxes.forEach(({ box }) => { box.checked = false; }));
    search.value = "";
    remember();
    search.focus();
  });
  addEventListener("hashchange", recall);
  const narrow = matchMedia("(max-width: 40rem)");
  const fold = () => {
    form.querySelector(".facets").open = !narrow.matches || facets.some((facet) => chosen(facet).length);
  };
  narrow.addEventListener("change", fold);

  // ---- from group to group
  const here = () => document.activeElement && document.activeElement.closest(".card");
  const go = (card) => {
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
  };
  const step = (by) => {
    const open = cards.filter((card) => !card.hidden);
    if (!open.length) return;
    const now = here() || cards.find((card) => card.dataset.group === address().get("group"));
    const at = open.indexOf(now);
    const card = open[at < 0 ? (by > 0 ? 0 : open.length - 1) : Math.min(Math.max(at + by, 0), open.length - 1)];
    const state = address();
    state.set("group", card.dataset.group);
    write(state);
    go(card);
  };

  // ---- copying
  const said = document.getElementById("said");
  const older = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  const tell = (done) => {
    all("[data-said]", said).forEach((one) => { one.hidden = one.dataset.said !== (done ? "yes" : "no"); });
    said.hidden = false;
    clearTimeout(tell.timer);
    tell.timer = setTimeout(() => { said.hidden = true; }, 2000);
  };
  const copy = async (text) => {
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      done = older(text);
    }
    tell(done);
  };
  const words = (item) => item.querySelector("p").innerText.trim();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (button) copy(words(button.closest("li")));
  });

  // ---- keys
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    "/": () => { search.focus(); search.select(); },
    c: () => {
      const card = here();
      if (card) copy(all(".todo li", card).map(words).join("\n"));
    },
    m: () => {
      if (!marc) return;
      marc.checked = !marc.checked;
      remember();
    },
    d: () => { only.checked = !only.checked; remember(); },
  };
  addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input[type=search]")) {
      if (event.key === "Escape") {
        event.preventDefault();
        search.blur();
        step(0);
      }
      return;
    }
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  recall();
  fold();
})();
