/* SPDX-License-Identifier: MIT */

/* One item: is it new, what is it worth, and whom to tell.
 *
 * An alert is raised when a verdict crosses the threshold: at an item's first sight, or when an
 * edit makes it match that did not match before. While the item's page is wanted, matches are held
 * for a short while, so that the alert can name what the page says; after that they go out with
 * what there is. The database refuses a second alert of the same story and profile, whatever
 * happens here. */

#include "pipeline-internal.h"

#include <errno.h>

#include "base/digest.h"
#include "base/url.h"
#include "match/document.h"
#include "story/identity.h"
#include "story/join.h"

/* --- the record --- */

static int join_list(const char *const *list, char **ret) {
        const char separator[] = { FIELD_LIST_SEPARATOR, '\0' };

        *ret = NULL;
        if (!list || !*list)
                return 0;

        *ret = strv_join((char *const *) list, separator);
        return *ret ? 0 : -ENOMEM;
}

/* Replaces what the feed said of the item; what Picket knows of it stays, and so do names that the
 * feed gave before and leaves out now. */
static int record_take(ItemRecord *record, const Item *item, const IdentityKeys *keys) {
        int r;

        if (free_and_strdup(&record->guid, item->guid ?: record->guid) < 0 ||
                free_and_strdup(&record->link, item->link ?: record->link) < 0 ||
                free_and_strdup(&record->title, item->title) < 0 ||
                free_and_strdup(&record->summary, item->summary) < 0 ||
                free_and_strdup(&record->content, item->content) < 0 ||
                free_and_strdup(&record->guid_key, keys->guid ?: record->guid_key) < 0 ||
                free_and_strdup(&record->link_key, keys->link ?: record->link_key) < 0 ||
                free_and_strdup(&record->content_key, keys->content) < 0)
                return -ENOMEM;

        record->authors = mfree(record->authors);
        record->categories = mfree(record->categories);
        r = join_list(item->authors, &record->authors);
        if (r < 0)
                return r;
        r = join_list(item->categories, &record->categories);
        if (r < 0)
                return r;

        record->published_usec = item->published_usec;
        record->updated_usec = item->updated_usec;
        return 0;
}

/* Was it told elsewhere long ago? An item counts from its date; without one, or dated in the
 * future, from when it was first seen. On a first poll, what has no date is a backlog. While a feed
 * is read as it should be, what is new in it is news, whatever its date. After a long absence, what
 * was published meanwhile is news still, but not for longer than a week; and what should have been
 * there when the feed was last read was added to its past. */
static bool is_old_news(const FeedRun *run, const ItemRecord *record, usec_t now) {
        usec_t date = item_date(record->published_usec, record->updated_usec);

        if (!run->feed.polled_once)
                return date == USEC_INFINITY || usec_add(date, PIPELINE_FIRST_POLL_AGE_USEC) < now;
        if (date == USEC_INFINITY ||
                usec_add(run->feed.last_success_usec, PIPELINE_ABSENCE_USEC) >= now)
                return false;

        return usec_add(date, PIPELINE_OLD_NEWS_AGE_USEC) < now ||
                usec_add(date, PIPELINE_LATE_NEWS_AGE_USEC) < run->feed.last_success_usec;
}

/* --- the score --- */

static bool feed_has_profile(const FeedSettings *feed, const char *profile) {
        return !feed || !feed->profiles || strv_contains(feed->profiles, profile);
}

/* Verdicts of the profiles that this feed serves and that have something to say; *ret_n of them,
 * for verdict_array_free(). */
static int item_score(Pipeline *p, const FeedSettings *feed, const ItemRecord *record,
        Verdict **ret, size_t *ret_n) {
        const DocumentSource source = {
                .title = record->title,
                .summary = record->summary,
                .content = record->content,
                .page_text = record->page_text,
                .authors = record->authors,
                .categories = record->categories,
                .feed = record->feed,
        };
        _cleanup_free_ char *buffer = NULL;
        size_t n_all = profile_set_size(p->profiles), n = 0;
        Verdict *verdicts;
        Document document;
        BodyState body;
        int r;

        r = document_make(&source, &document, &body, &buffer);
        if (r < 0)
                return r;
        r = profile_set_score(p->profiles, &document, feed ? feed->weight_milli : 1000, &verdicts);
        if (r < 0)
                return r;

        for (size_t i = 0; i < n_all; i++) {
                r = verdict_quote(&verdicts[i], &document);
                if (r < 0)
                        goto fail;
        }
        if (record->page == PAGE_WANTED)
                body = record->page_attempts > 0 ? BODY_FAILED : BODY_WANTED;
        else if (record->page == PAGE_FAILED)
                body = BODY_FAILED;

        for (size_t i = 0; i < n_all; i++) {
                Verdict *v = &verdicts[i];

                if (v->n_hits == 0 || !feed_has_profile(feed, v->profile)) {
                        verdict_done(v);
                        continue;
                }
                v->body = body;
                if (body == BODY_FAILED &&
                        free_and_strdup(&v->body_reason, record->page_error) < 0) {
                        r = -ENOMEM;
                        break;
                }
                if (i != n) {
                        verdicts[n] = *v;
                        *v = (Verdict){};
                }
                n++;
        }

        *ret = verdicts;
        *ret_n = n;
        return 0;

fail:
        (void) verdict_array_free(verdicts, n_all);
        return r;
}

static const Verdict *find_verdict(const Verdict *verdicts, size_t n, const char *profile) {
        for (size_t i = 0; i < n; i++)
                if (streq(verdicts[i].profile, profile))
                        return &verdicts[i];

        return NULL;
}

/* --- the story --- */

static int item_join_story(Pipeline *p, ItemRecord *record) {
        _cleanup_(story_done) Story story = {};
        usec_t now = pipeline_now(p), date;
        int r;

        if (record->story_id != 0)
                return 0;

        /* What another feed lists late joins what was told when it came out. Dates further back
         * than anything that is kept are mistakes. */
        date = item_date(record->published_usec, record->updated_usec);
        if (date > now || usec_add(date, JOIN_DATE_MAX_USEC) < now)
                date = now;

        r = store_story_find(p->options.store, record->link_key,
                join_content_key(record->content_key), usec_sub(date, JOIN_WINDOW_USEC),
                &record->story_id);
        if (r == -ENOENT) {
                story.published_usec = record->published_usec;
                story.created_usec = now;
                if (free_and_strdup(&story.title, record->title) < 0 ||
                        free_and_strdup(&story.link, record->link) < 0 ||
                        free_and_strdup(&story.summary, record->summary) < 0)
                        return -ENOMEM;
                r = store_story_insert(p->options.store, &story);
                record->story_id = story.id;
        }
        if (r < 0)
                return r;

        return store_item_update(p->options.store, record);
}

/* --- the alert --- */

static int alert_deliver(Pipeline *p, const Alert *alert, const ProfileSettings *profile) {
        int r;

        STRV_FOREACH (name, profile->sinks) {
                const SinkSettings *sink = settings_find_sink(p->settings, *name);
                _cleanup_free_ char *body = NULL;
                char id[ID_CHARS + 1];

                r = id_random(id);
                if (r < 0)
                        return r;
                r = sink_render(sink, ALERT_RAISED, alert, id, &body);
                if (r < 0)
                        return r;
                r = store_delivery_insert(p->options.store,
                        &(Delivery){
                                .public_id = id,
                                .alert_id = alert->id,
                                .sink = *name,
                                .body = body,
                                .state = DELIVERY_PENDING,
                                .created_usec = alert->raised_usec,
                                .next_try_usec = alert->raised_usec,
                                .done_usec = USEC_INFINITY,
                        });
                if (r < 0)
                        return r;
                if (sink->type == SINK_DESKTOP)
                        p->desktop_raised = true;
        }

        return 0;
}

static Urgency alert_urgency(const ProfileSettings *profile, const Verdict *verdict) {
        return verdict->score_milli >= profile->critical_at_milli ? URGENCY_CRITICAL
                                                                  : profile->urgency;
}

/* Takes *verdict over once the alert is raised. */
static int item_raise(Pipeline *p, ItemRecord *record, const Verdict *verdict) {
        const ProfileSettings *profile = settings_find_profile(p->settings, verdict->profile);
        _cleanup_(alert_done) Alert alert = {};
        int r;

        r = item_join_story(p, record);
        if (r < 0)
                return r;

        alert.item_id = record->id;
        alert.raised_usec = pipeline_now(p);
        alert.urgency = alert_urgency(profile, verdict);
        if (free_and_strdup(&alert.profile, verdict->profile) < 0 ||
                free_and_strdup(&alert.profile_title, profile->title) < 0 ||
                free_and_strdup(&alert.feed, record->feed) < 0)
                return -ENOMEM;
        r = verdict_copy(verdict, &alert.verdict);
        if (r < 0)
                return r;
        r = store_story_load(p->options.store, record->story_id, &alert);
        if (r < 0)
                return r;

        r = store_alert_insert(p->options.store, &alert);
        if (r == -EEXIST)
                return 0; /* this story has alerted for this profile */
        if (r < 0)
                return r;
        r = alert_deliver(p, &alert, profile);
        if (r < 0)
                return r;

        if (ARRAY_GROW(p->raised, p->n_raised_allocated, p->n_raised + 1) < 0)
                return -ENOMEM;
        p->raised[p->n_raised++] = alert;
        alert = (Alert){};
        return 0;
}

/* Raises what matches now and did not match in @before. */
static int item_raise_all(Pipeline *p, ItemRecord *record, const Verdict *verdicts, size_t n,
        const Verdict *before, size_t n_before) {
        int r;

        for (size_t i = 0; i < n; i++) {
                const Verdict *old = find_verdict(before, n_before, verdicts[i].profile);

                if (!verdicts[i].matched || (old && old->matched))
                        continue;
                r = item_raise(p, record, &verdicts[i]);
                if (r < 0)
                        return r;
        }

        return 0;
}

/* --- the page --- */

static bool page_is_worth(
        const FeedSettings *feed, const ItemRecord *record, const Verdict *verdicts, size_t n) {
        const DocumentSource source = { .summary = record->summary, .content = record->content };

        if (!record->link || record->silent || url_check_fetchable(record->link) < 0)
                return false;

        switch (feed->full_text) {
        case FULL_TEXT_ALWAYS:
                return true;
        case FULL_TEXT_NEVER:
        case FULL_TEXT_MAX:
                return false;
        case FULL_TEXT_AUTO:
                break;
        }

        if (!document_is_lead(&source))
                return false;
        for (size_t i = 0; i < n; i++)
                if (verdicts[i].near || verdicts[i].matched)
                        return true;

        return false;
}

/* --- taking an item --- */

/* A new item, or one whose text changed: scored, its page asked for where that may tell more,
 * matches raised or held for the page. An item that was old when first met stays silent in what
 * matched then; an edit that makes it match is news all the same. */
int pipeline_take_text(FeedRun *run, ItemRecord *record, bool edited) {
        Pipeline *p = run->pipeline;
        _cleanup_free_ Verdict *verdicts = NULL, *before = NULL;
        size_t n = 0, n_before = 0;
        usec_t now = pipeline_now(p);
        int r;

        r = store_verdicts_get(p->options.store, record->id, &before, &n_before);
        if (r < 0)
                return r;
        r = item_score(p, run->settings, record, &verdicts, &n);
        if (r < 0)
                goto finish;

        if (record->page == PAGE_NONE && page_is_worth(run->settings, record, verdicts, n)) {
                record->page = PAGE_WANTED;
                record->page_next_usec = now;
                for (size_t i = 0; i < n; i++) {
                        const Verdict *old = find_verdict(before, n_before, verdicts[i].profile);

                        verdicts[i].body = BODY_WANTED;
                        if (verdicts[i].matched && !(old && old->matched))
                                record->hold_until_usec = usec_add(now, PIPELINE_HOLD_USEC);
                }
                r = store_item_update(p->options.store, record);
                if (r < 0)
                        goto finish;
        }

        r = store_verdicts_put(p->options.store, record->id, verdicts, n);
        if (r < 0)
                goto finish;
        if ((!record->silent || edited) && record->hold_until_usec == 0)
                r = item_raise_all(p, record, verdicts, n, before, n_before);

finish:
        for (size_t i = 0; i < n; i++)
                verdict_done(&verdicts[i]);
        for (size_t i = 0; i < n_before; i++)
                verdict_done(&before[i]);
        return r;
}

static int item_take_new(FeedRun *run, const Item *item, const IdentityKeys *keys) {
        _cleanup_(item_record_done) ItemRecord record = {
                .feed_id = run->feed.id,
                .first_seen_usec = pipeline_now(run->pipeline),
        };
        bool waits;
        int r;

        record.last_seen_usec = record.first_seen_usec;
        r = record_take(&record, item, keys);
        if (r < 0)
                return r;
        if (free_and_strdup(&record.feed, run->feed.name) < 0)
                return -ENOMEM;

        record.silent = is_old_news(run, &record, record.first_seen_usec);
        waits = run->feed.polled_once && !record.silent;
        if (waits)
                record.hold_until_usec = usec_add(record.first_seen_usec, PIPELINE_SETTLE_USEC);
        r = store_item_insert(run->pipeline->options.store, &record);
        if (r < 0)
                return r;

        run->n_new_items++;
        if (waits)
                return pipeline_settle_later(run, &record);

        if (!run->feed.polled_once)
                poll_news_add(&run->news, item_date(record.published_usec, record.updated_usec),
                        /* since_usec= */ USEC_INFINITY, record.first_seen_usec);
        return pipeline_take_text(run, &record, /* edited= */ false);
}

/* It waits for the end of a list still: of this one, or of one that was never read to its end. */
static bool item_waits(const ItemRecord *record) {
        return record->hold_until_usec != 0 && record->page == PAGE_NONE;
}

/* Those of this list are on their way already. */
static int item_wait_again(FeedRun *run, const ItemRecord *record) {
        if (!item_waits(record) || record->last_seen_usec >= run->poll_usec)
                return 0;

        run->n_new_items++;
        return pipeline_settle_later(run, record);
}

static int item_take_changed(
        FeedRun *run, const Item *item, const IdentityKeys *keys, const ItemRecord *known) {
        _cleanup_(item_record_done) ItemRecord record = {};
        int r;

        r = item_wait_again(run, known);
        if (r < 0)
                return r;

        r = store_item_get(run->pipeline->options.store, known->id, &record);
        if (r < 0)
                return r;
        r = record_take(&record, item, keys);
        if (r < 0)
                return r;

        run->n_changed_items++;
        record.last_seen_usec = pipeline_now(run->pipeline);
        r = store_item_update(run->pipeline->options.store, &record);
        if (r < 0)
                return r;

        return item_waits(&record) ? 0 : pipeline_take_text(run, &record, /* edited= */ true);
}

static int item_take_same(
        FeedRun *run, const Item *item, const IdentityKeys *keys, const ItemRecord *known) {
        Pipeline *p = run->pipeline;
        int r;

        r = item_wait_again(run, known);
        if (r < 0)
                return r;
        if (!identity_moved(keys, known))
                return store_item_seen(p->options.store, known->id, pipeline_now(p));

        return store_item_seen_as(p->options.store, known->id, item->guid ?: known->guid,
                keys->guid ?: known->guid_key, item->link ?: known->link,
                keys->link ?: known->link_key, pipeline_now(p));
}

static int item_take(FeedRun *run, const Item *item) {
        Store *store = run->pipeline->options.store;
        _cleanup_(identity_keys_done) IdentityKeys keys = {};
        _cleanup_(store_candidates_done) StoreCandidates found = {};
        const ItemRecord *known = NULL;
        int r;

        r = identity_keys(item, &keys);
        if (r < 0)
                return r;
        r = store_item_candidates(store, run->feed.id, keys.guid, keys.link, keys.content, &found);
        if (r < 0)
                return r;

        switch (identity_decide(item, &keys,
                &(IdentityCandidates){
                        .by_guid = found.by_guid.id != 0 ? &found.by_guid : NULL,
                        .by_link = found.by_link.id != 0 ? &found.by_link : NULL,
                        .by_content = found.by_content.id != 0 ? &found.by_content : NULL,
                        .guid_shared = found.guid_shared,
                        .link_shared = found.link_shared,
                },
                run->poll_usec, &known)) {
        case IDENTITY_NEW:
                return item_take_new(run, item, &keys);
        case IDENTITY_SAME:
                return item_take_same(run, item, &keys, known);
        case IDENTITY_CHANGED:
                return item_take_changed(run, item, &keys, known);
        }

        return -EINVAL;
}

int pipeline_take_item(FeedRun *run, const Item *item) {
        int r;

        run->in_batch = true;
        r = item_take(run, item);
        if (r < 0)
                pipeline_store_failed(run->pipeline, r, "record an item");
        return r;
}

int pipeline_judge(Pipeline *p, ItemRecord *record) {
        const FeedSettings *feed = settings_find_feed(p->settings, record->feed);
        _cleanup_free_ Verdict *verdicts = NULL;
        size_t n = 0;
        int r;

        record->hold_until_usec = 0;
        r = item_score(p, feed, record, &verdicts, &n);
        if (r >= 0)
                r = store_item_update(p->options.store, record);
        if (r >= 0)
                r = store_verdicts_put(p->options.store, record->id, verdicts, n);
        if (r >= 0 && !record->silent)
                r = item_raise_all(p, record, verdicts, n, /* before= */ NULL, /* n_before= */ 0);
        if (r < 0)
                pipeline_store_failed(p, r, "record a page");

        for (size_t i = 0; i < n; i++)
                verdict_done(&verdicts[i]);
        return r;
}
