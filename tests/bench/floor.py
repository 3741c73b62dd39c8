"""Made of the notebooks by plain.py: each run of the plan as a function, and nothing done twice."""

import sys


def run_1():
    study = 'bussu-marshall-2020'
    from analysis import study as studies
    from analysis.audit import claims
    from analysis.measures import sample, voices
    from analysis.outputs import charts, reading, results
    record = studies.load(study)
    out = results(study)
    reading.rows(record.roster.drop(columns="participant").dropna(axis="columns", how="all"), most=5)
    reading.missing(record.missing, record.sampled)
    people = sample.count(record.roster, by=list(record.groupings))
    out.table("sample", people)
    reading.sample(people, record.site)
    out.figure("sample", charts.sample(people, rows=record.beside, columns=record.site))
    roles = sample.count(record.roster, by=["role_group", record.site])
    out.figure("role-mix", charts.role_mix(roles, record.site))
    reconciled = sample.reconciliation(record.roster, record.interviews, record.site)
    out.table("reconciliation", reconciled)
    reading.reconciliation(reconciled, record.site)
    out.figure("reconciliation", charts.reconciliation(reconciled, record.site))
    reading.labels(voices.labels_not_listed(record.whole.excerpts, record.roster, record.roles))
    found = sample.facts(record.roster, record.interviews, record.roles, list(record.groupings), record.site)
    claims.facts(record.claims, found)


def run_2():
    study = 'bussu-marshall-2020'
    from analysis import study as studies
    from analysis.audit import claims
    from analysis.measures import codes, cooccurrence, prevalence
    from analysis.outputs import charts, reading, results
    record = studies.load(study)
    out = results(study)
    reading.imported(record.imported)
    reading.reconciled(record.imported)
    reading.rows(record.codebook, most=5)
    reading.basis(record.codings, record.sampled)
    reading.rows(record.codings[record.codings["basis"] == "inferred"])
    tree = codes.tree(record.codebook, record.whole.codings)
    reading.rows(tree[["name", "level", "depth", "excerpts"]])
    reading.codes(tree)
    out.figure("thematic-map", charts.thematic_map(tree))
    coded = (record.whole.codings, record.whole.excerpts, record.codebook)
    pairs, not_counted = cooccurrence.by_every_unit(*coded)
    out.table("cooccurrence", pairs)
    carried = cooccurrence.carried(record.whole.codings, record.codebook)
    reading.cooccurrence(pairs, carried, not_counted)
    out.figure("cooccurrence", charts.cooccurrence(pairs, record.codebook))
    prevalence.excerpts_behind(tree["code"].iloc[0], record.codings, record.codebook)
    found = codes.facts(record.codebook, record.excerpts)
    claims.facts(record.claims, found)


def run_3():
    study = 'bussu-marshall-2020'
    by = 'borough'
    unstated_roles = 'any'
    min_people = 5
    confidence = 0.95
    from analysis import study as studies
    from analysis.measures import bounds, calibration, contrasts, disclosure, prevalence
    from analysis.outputs import calibrated, charts, reading, results
    record = studies.load(study)
    out = results(study)
    reading.rows(record.excerpts[["excerpt", "speaker", "source"]], most=5)
    reading.missing(record.missing, record.sampled)
    people = (record.whole.excerpts, record.roster, record.roles)
    reading.rows(disclosure.labels_used(*people, by, min_people))
    placed = bounds.place(*people, by=by, unstated_roles=unstated_roles, min_people=min_people)
    placed.most.rename("excerpts that may be from here").to_frame()
    coded = (record.whole.excerpts, record.whole.codings, record.codebook, record.roster)
    counted = prevalence.count(placed, *coded, confidence=confidence)
    themes = calibration.of_shares(counted, calibrated(), confidence)
    out.table(f"themes_by_{by}", themes)
    reading.themes(themes, by)
    broad = prevalence.above_subthemes(themes)
    reading.ranges(broad, by)
    out.figure(f"themes-by-{by}", charts.themes({unstated_roles: themes}, by))
    coded = (record.whole.codings, record.whole.excerpts, record.codebook, record.roster)
    compared = contrasts.compared(*coded, by=by, asked=record.contrasts)
    out.table(f"contrasts_by_{by}", compared.tests)
    reading.contrasts(compared.tests, by, compared.why)
    out.table(f"differences_by_{by}", calibration.of_differences(compared.differences, calibrated()))


def run_4():
    study = 'bussu-marshall-2020'
    by = 'role_group'
    unstated_roles = 'any'
    min_people = 5
    confidence = 0.95
    from analysis import study as studies
    from analysis.measures import bounds, calibration, contrasts, disclosure, prevalence
    from analysis.outputs import calibrated, charts, reading, results
    record = studies.load(study)
    out = results(study)
    reading.rows(record.excerpts[["excerpt", "speaker", "source"]], most=5)
    reading.missing(record.missing, record.sampled)
    people = (record.whole.excerpts, record.roster, record.roles)
    reading.rows(disclosure.labels_used(*people, by, min_people))
    placed = bounds.place(*people, by=by, unstated_roles=unstated_roles, min_people=min_people)
    placed.most.rename("excerpts that may be from here").to_frame()
    coded = (record.whole.excerpts, record.whole.codings, record.codebook, record.roster)
    counted = prevalence.count(placed, *coded, confidence=confidence)
    themes = calibration.of_shares(counted, calibrated(), confidence)
    out.table(f"themes_by_{by}", themes)
    reading.themes(themes, by)
    broad = prevalence.above_subthemes(themes)
    reading.ranges(broad, by)
    out.figure(f"themes-by-{by}", charts.themes({unstated_roles: themes}, by))
    coded = (record.whole.codings, record.whole.excerpts, record.codebook, record.roster)
    compared = contrasts.compared(*coded, by=by, asked=record.contrasts)
    out.table(f"contrasts_by_{by}", compared.tests)
    reading.contrasts(compared.tests, by, compared.why)
    out.table(f"differences_by_{by}", calibration.of_differences(compared.differences, calibrated()))


def run_5():
    study = 'bussu-marshall-2020'
    by = 'borough'
    min_people = 5
    from analysis import study as studies
    from analysis.measures import bounds, disclosure, prevalence, sample
    from analysis.outputs import charts, reading, results
    record = studies.load(study)
    out = results(study)
    unstated = record.roster[~record.roster["stated"]]
    reading.rows(sample.count(unstated, by=["role_group", by]))
    reading.missing(record.missing, record.sampled)
    people = (record.whole.excerpts, record.roster, record.roles)
    coded = (record.whole.excerpts, record.whole.codings, record.codebook, record.roster)
    placed = bounds.place(*people, by=by, unstated_roles="any", min_people=min_people)
    wide = prevalence.count(placed, *coded)
    reading.ranges(prevalence.above_subthemes(wide), by)
    placed = bounds.place(*people, by=by, unstated_roles="none", min_people=min_people)
    narrow = prevalence.count(placed, *coded)
    out.table(f"themes_by_{by}_narrow", narrow)
    reading.rows(disclosure.labels_used(*people, by, min_people))
    same = wide[wide["code"].isin(narrow["code"])].reset_index(drop=True)
    readings = {"unstated roles fit every label": same, "unstated roles fit no label": narrow}
    out.figure(f"themes-by-{by}-readings", charts.themes(readings, by))
    reading.narrower(same, narrow, by)
    width = (same["most"] - same["least"]).groupby(same[by]).mean().rename("wide reading")
    width.to_frame().assign(narrow=(narrow["most"] - narrow["least"]).groupby(narrow[by]).mean())


def run_6():
    study = 'bussu-marshall-2020'
    from analysis import study as studies
    from analysis.audit import claims
    from analysis.measures import voices
    from analysis.outputs import charts, reading, results
    record = studies.load(study)
    out = results(study)
    spoken = record.excerpts[record.excerpts["source"] == "interview"]
    spoken["speaker"].str.capitalize().value_counts().to_frame("quotations")
    reading.missing(record.missing, record.sampled)
    reading.rows(record.roles.loc[record.roles["note"].notna(), ["label", "role_group", "note"]])
    heard = voices.shares(record.whole.excerpts, record.roster, record.roles)
    out.table("voices", heard)
    reading.voices(heard)
    out.figure("voices", charts.voices(heard))
    reading.labels(voices.labels_not_listed(record.whole.excerpts, record.roster, record.roles))
    found = voices.facts(heard)
    claims.facts(record.claims, found)


def run_7():
    study = 'bussu-marshall-2020'
    min_count = 2
    each = 4
    from analysis import study as studies
    from analysis.measures import codes, wording
    from analysis.outputs import charts, reading, results
    record = studies.load(study)
    out = results(study)
    tops = codes.top_of(record.codebook, record.whole.codings)
    counts = wording.counts(record.whole.excerpts, tops, min_count)
    counts.totals.head(10).to_frame()
    reading.missing(record.missing, record.sampled)
    keys = wording.keyness(counts)
    out.table("words", keys)
    chosen = wording.distinctive(keys, each)
    reading.rows(keys[keys["word"].isin(chosen) & (keys["count"] > 0)])
    pairs = wording.collocations(counts)
    out.table("collocations", pairs)
    reading.words(counts, keys, pairs)
    lines = wording.concordance(record.excerpts, chosen)
    out.table("concordance", lines)
    tokens = wording.tokens(record.excerpts)
    places = wording.places(tokens, chosen)
    reading.places(places, lines)
    names = record.codebook.set_index("code")["name"].to_dict()
    heads = codes.top_of(record.codebook, record.codings)
    out.figure("dispersion", charts.dispersion(places, tokens, chosen, heads, names))


def run_8():
    study = 'bussu-marshall-2020'
    from analysis import study as studies
    from analysis.audit import claims
    from analysis.measures import activities
    from analysis.outputs import charts, reading, results
    record = studies.load(study)
    out = results(study)
    reading.rows(record.activities.drop(columns=["note", "activity"]), most=5)
    reading.missing(record.missing, record.sampled)
    nameless = record.activities[record.activities[record.site] == "not named"]
    reading.rows(nameless[["name", "direction", "where", "note"]])
    record.activities.groupby(["format", record.site])["activity"].nunique().unstack(fill_value=0)
    placed = activities.by_site(record.activities, record.site)
    out.table(f"activities_by_{record.site}", placed)
    reading.activities(placed, record.site)
    out.figure("activities", charts.activities(placed, record.site))
    found = activities.facts(record.activities, record.site, record.roster[record.site].dropna())
    claims.facts(record.claims, found)


def run_9():
    study = 'bussu-marshall-2020'
    from analysis import study as studies
    from analysis.outputs import paper, reading, results
    record = studies.load(study)
    out = results(study)
    record.excerpts.groupby("printed_in", dropna=False)["excerpt"].agg(["count", "first", "last"])
    reading.basis(record.codings, record.sampled)
    tables = paper.excerpt_tables(record.codebook, record.codings, record.excerpts, record.captions)
    [table.caption for table in tables]
    out.document(tables[0])
    out.documents(tables[1:])
    appendix = paper.appendix(record.roster, record.interviews, record.site, record.captions, record.appendix)
    out.document(appendix)
    appendix.frame.shape
    [table.name for table in [*tables, appendix]]


def run_10():
    study = 'bussu-marshall-2020'
    uncoded = 'in'
    base = 4
    run = 2
    threshold = 0.05
    from analysis import study as studies
    from analysis.measures import agreement, calibration, robustness, saturation, spans
    from analysis.outputs import calibrated, charts, reading, results
    record = studies.load(study)
    out = results(study)
    reading.missing(record.missing, record.sampled)
    coded = (agreement.attributed(record.codings), record.excerpts)
    judged = agreement.by_code(*coded, record.codebook, uncoded=uncoded)
    agreed = calibration.of_agreement(judged, calibrated())
    out.table("agreement", agreed)
    reading.unattributed(record.codings)
    reading.agreement(agreed)
    out.figure("agreement", charts.agreement(agreed, record.codebook))
    by_sets = agreement.on_sets(*coded, uncoded=uncoded)
    out.table("agreement_on_sets", calibration.of_agreement(by_sets, calibrated()))
    held = (agreement.attributed(record.codings), record.entire)
    lengths = spans.lengths(record.documents, record.entire)
    out.table("agreement_on_text", spans.alpha(*spans.in_texts(*held), lengths))
    out.table("disagreements", agreement.disagreements(*coded, uncoded=uncoded))
    placed, order, interview = saturation.interviews(record.entire, record.documents)
    known = record.codings[record.codings["excerpt"].isin(placed.index)]
    came_up = saturation.incidence(known, placed, order)
    curve = saturation.curve(came_up)
    out.table("saturation", curve)
    rule = saturation.reached(came_up, base, run, threshold)
    out.table("saturation_rule", rule)
    reading.saturation(curve, rule, interview, record.documents)
    out.figure("saturation", charts.saturation(curve, interview))
    out.table("unseen", saturation.unseen(known, came_up))
    moved = robustness.of_codes(record.codings, record.entire, record.codebook)
    out.table("robustness", moved)
    reading.robustness(moved)


def run_11():
    study = 'bussu-marshall-2020'
    by = 'borough'
    unstated_roles = 'any'
    min_people = 5
    least_words = 15
    most_words = 60
    from analysis import study as studies
    from analysis.measures import bounds, prevalence, quoting
    from analysis.outputs import joint, reading, results
    record = studies.load(study)
    out = results(study)
    reading.rows(record.codebook[record.codebook["code"].isin(record.themes)])
    reading.missing(record.missing, record.sampled)
    pairs = prevalence.rolled_up(record.codings, record.codebook)
    said = (record.excerpts, pairs, record.themes, record.quotable)
    ranking = quoting.ranked(*said, least_words=least_words, most_words=most_words)
    reading.rows(ranking, most=10)
    people = (record.excerpts, record.roster, record.roles)
    group = quoting.groups(*people, by=by)
    group.fillna("the record does not say").value_counts().to_frame("excerpts")
    people = (record.whole.excerpts, record.roster, record.roles)
    placed = bounds.place(*people, by=by, unstated_roles=unstated_roles, min_people=min_people)
    coded = (record.whole.excerpts, record.whole.codings, record.codebook, record.roster)
    counted = prevalence.count(placed, *coded)
    reading.ranges(counted[counted["code"].isin(record.themes)], by)
    chosen = (group, record.selections, record.themes)
    joined = quoting.display(counted, ranking, record.excerpts, pairs, *chosen, by=by)
    out.table(f"joint_by_{by}", joined)
    reading.joint(joined, by)
    reading.rows(record.selections[record.selections["by"] == by])
    out.document(joint.display(joined, by))


def run_12():
    study = 'bussu-marshall-2020'
    by = 'role_group'
    unstated_roles = 'any'
    min_people = 5
    least_words = 15
    most_words = 60
    from analysis import study as studies
    from analysis.measures import bounds, prevalence, quoting
    from analysis.outputs import joint, reading, results
    record = studies.load(study)
    out = results(study)
    reading.rows(record.codebook[record.codebook["code"].isin(record.themes)])
    reading.missing(record.missing, record.sampled)
    pairs = prevalence.rolled_up(record.codings, record.codebook)
    said = (record.excerpts, pairs, record.themes, record.quotable)
    ranking = quoting.ranked(*said, least_words=least_words, most_words=most_words)
    reading.rows(ranking, most=10)
    people = (record.excerpts, record.roster, record.roles)
    group = quoting.groups(*people, by=by)
    group.fillna("the record does not say").value_counts().to_frame("excerpts")
    people = (record.whole.excerpts, record.roster, record.roles)
    placed = bounds.place(*people, by=by, unstated_roles=unstated_roles, min_people=min_people)
    coded = (record.whole.excerpts, record.whole.codings, record.codebook, record.roster)
    counted = prevalence.count(placed, *coded)
    reading.ranges(counted[counted["code"].isin(record.themes)], by)
    chosen = (group, record.selections, record.themes)
    joined = quoting.display(counted, ranking, record.excerpts, pairs, *chosen, by=by)
    out.table(f"joint_by_{by}", joined)
    reading.joint(joined, by)
    reading.rows(record.selections[record.selections["by"] == by])
    out.document(joint.display(joined, by))


def run_13():
    study = 'bussu-marshall-2020'
    least_words = 15
    most_words = 60
    from analysis import study as studies
    from analysis.measures import prevalence, quoting, sensecheck
    from analysis.outputs import joint, reading, results
    record = studies.load(study)
    out = results(study)
    reading.missing(record.missing, record.sampled)
    pairs = prevalence.rolled_up(record.codings, record.codebook)
    said = (record.excerpts, pairs, record.themes, record.quotable)
    ranking = quoting.ranked(*said, least_words=least_words, most_words=most_words)
    reading.rows(ranking.groupby("code", sort=False).head(1))
    people = (record.excerpts, record.roster, record.roles)
    known = quoting.every_group(*people, record.compare)
    known.notna().sum().to_frame("excerpts of which the record says the group")
    sheets = sensecheck.on_sheets(ranking, record.excerpts, record.codebook)
    used = quoting.shown(ranking, known, record.selections, sheets)
    reading.rows(used, most=10)
    book = quoting.book(ranking, record.excerpts, record.codebook, known, used)
    out.table("quotation_book", book)
    reading.book(book, pairs)
    answers = sensecheck.tally(record.responses, record.codebook, record.themes)
    out.table("sensecheck", answers)
    reading.sensecheck(answers)
    commented = answers[answers["comments"] != ""]
    reading.rows(commented[["name", "workshop", "outcome", "comments"]])
    out.document(joint.responses(answers))
    out.document(joint.book(book, answers))


def run_14():
    study = 'bussu-marshall-2020'
    from analysis import study as studies
    from analysis.audit import claims
    from analysis.outputs import kept, reading, results
    record = studies.load(study)
    out = results(study)
    reading.rows(record.claims[["claim", "where", "printed", "value", "kind", "computed_by"]], most=5)
    record.claims["kind"].value_counts().to_frame("claims")
    found = kept(study).derived
    evidence = claims.evidence(found / "notebooks")
    out.table("facts", claims.gathered(evidence))
    verdicts = claims.ledger(record.claims, found)
    out.table("claims", verdicts)
    reading.rows(claims.tally(verdicts))
    reading.claims(verdicts, record.claims)
    parted = record.claims[verdicts["verdict"].eq("differs").to_numpy()]
    reading.rows(parted[["claim", "statement", "note"]])
    beyond = record.claims[record.claims["kind"] == "not reproducible"]
    reading.rows(beyond[["claim", "where", "statement", "note"]])


RUNS = {
    "01-who-was-interviewed": run_1,
    "02-what-was-coded": run_2,
    "03-themes-by-borough": run_3,
    "03-themes-by-role_group": run_4,
    "04-what-unstated-roles-change": run_5,
    "05-whose-voice-is-heard": run_6,
    "06-how-staff-put-it": run_7,
    "07-what-was-done-where": run_8,
    "08-tables-and-appendix": run_9,
    "09-can-the-coding-be-trusted": run_10,
    "10-joint-display-by-borough": run_11,
    "10-joint-display-by-role_group": run_12,
    "11-which-words-stand-for-a-theme": run_13,
    "12-does-it-agree-with-the-paper": run_14,
}


if __name__ == "__main__":
    for name in sys.argv[1:] or RUNS:
        RUNS[name]()
