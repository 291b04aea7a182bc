// Events in the text of a request: where each begins and ends, what it says, and its last form.

#ifndef CXM_WIRE_HPP
#define CXM_WIRE_HPP

#include "plain_json.hpp"

namespace cxm {

// ---------------------------------------------------------------------------------------------- events

enum Known : int {
    TYPE_, ID_, USER_, ANONYMOUS_, GROUP_, PREVIOUS_, KEY_, CONTEXT_, INTEGRATIONS_, TIME_, ORIGINAL_, SENT_, RECEIVED_,
    SOURCE_, EVENT_, NAME_, CATEGORY_, PROPERTIES_, TRAITS_, KNOWN
};
constexpr int STRANGE = KNOWN;  // the name of an attribute that is no key of the wire

enum Call : int { TRACK, IDENTIFY, PAGE, SCREEN, GROUP, ALIAS, CALLS };

inline const Words& event_keys() {
    static const Words words = [] {
        const char* keys[KNOWN] = {"type", "messageId", "userId", "anonymousId", "groupId", "previousId", "writeKey",
                                   "context", "integrations", "timestamp", "originalTimestamp", "sentAt", "receivedAt",
                                   "source", "event", "name", "category", "properties", "traits"};
        Words made;
        for (int i = 0; i < KNOWN; i++) made.put(keys[i], i);
        for (const char* name : {"message_id", "original_timestamp", "sent_at", "received_at", "user_id",
                                 "anonymous_id", "group_id", "previous_id"})
            made.put(name, STRANGE);
        return made;
    }();
    return words;
}

inline const Words& calls() {
    static const Words words = [] {
        const char* names[CALLS] = {"track", "identify", "page", "screen", "group", "alias"};
        Words made;
        for (int i = 0; i < CALLS; i++) made.put(names[i], i);
        return made;
    }();
    return words;
}

struct Member {
    Span whole;  // from the quote before its key to the end of its value
    int known;
};

// An event as it came.
struct Arrival {
    Span whole;
    bool doubt = false;
    uint32_t given = 0;  // which of the known keys
    Value held[KNOWN];
    Value schema, traits;  // of its context
    size_t first = 0, behind = 0;  // its members among those of the request
    bool has(int known) const { return given >> known & 1; }
};

// What is the same for all events of a request.
struct Terms {
    int call = -1;  // what the path says; -1 for a batch
    std::string source, stamp, sent_text;  // the first and the last as JSON
    int64_t received = 0, sent = NO_TIME;
    size_t limit = 0;
};

class Request {
  public:
    std::vector<Arrival> arrivals;
    Value write_key, sent_at;

    // Whether the text of a request is beyond doubt as a whole.
    bool read_batch(const char* from, size_t size, size_t most) {
        Reader r(from, from + size);
        bool batch = false, key_given = false, sent_given = false, closed;
        if (!r.letter('{')) return false;
        Value key, held;
        for (bool first = true; r.member(key, first, closed); first = false) {
            const Span& name = key.span;
            if (!key.plain) return false;
            if (name.is("batch", 5)) {
                if (batch || !events(r, most)) return false;
                batch = true;
                continue;
            }
            if (!r.value(held, 1)) return false;
            if (name.is("writeKey", 8)) {
                if (key_given) return false;
                key_given = true;
                write_key = held;
            } else if (name.is("sentAt", 6)) {
                if (sent_given) return false;
                sent_given = true;
                sent_at = held;
            } else if (name.is("context", 7) || name.is("integrations", 12)) {
                if (held.sort != Sort::NOTHING) return false;
            }
        }
        if (!closed || !batch || !r.over() || !(sent_at.sort == Sort::NOTHING || is_short(sent_at, 64))) return false;
        return keyed();
    }

    bool read_single(const char* from, size_t size) {
        Reader r(from, from + size);
        r.space();
        if (r.p == r.end || *r.p != '{' || !event(r, 0) || !r.over()) return false;
        return keyed();
    }

    // Gives an event its last form; false where it is in doubt. `body` is null where it is not typed.
    bool finish(const Arrival& a, int call, const Outline* body, Span schema, const Terms& terms,
                std::string& out) const {
        if (a.schema.sort != Sort::NOTHING &&
            !(a.schema.sort == Sort::TEXT && a.schema.plain && schema.size > 0 && a.schema.span.is(schema.at, schema.size)))
            return false;
        uint32_t dropped = 1u << ID_ | 1u << KEY_ | 1u << RECEIVED_ | 1u << SOURCE_ | 1u << TIME_ | 1u << ORIGINAL_;
        if (terms.call >= 0) dropped |= 1u << TYPE_;
        bool below = call == IDENTIFY && a.traits.sort == Sort::OBJECT && !is_empty(a.traits.span);
        if (!plain(a, call, dropped) || !bodies(a, call, body, below)) return false;
        if (below) dropped |= 1u << TRAITS_;
        out.assign("{\"messageId\":\"");
        out.append(a.held[ID_].span.at, a.held[ID_].span.size);
        out.push_back('"');
        if (terms.call >= 0) put(out, "type", '"', name_of(terms.call));
        for (size_t i = a.first; i < a.behind; i++) {
            const Member& member = members[i];
            if (member.known < KNOWN && dropped >> member.known & 1) continue;
            out.push_back(',');
            out.append(member.whole.at, member.whole.size);
        }
        if (below) put(out, "traits", 0, a.traits.span);
        put(out, "receivedAt", '"', {terms.stamp.data(), terms.stamp.size()});
        put(out, "source", 0, {terms.source.data(), terms.source.size()});
        if (!times(a, terms, out)) return false;
        out.push_back('}');
        return out.size() <= terms.limit;
    }

    static Span name_of(int call) {
        static const char* names[CALLS] = {"track", "identify", "page", "screen", "group", "alias"};
        return {names[call], std::strlen(names[call])};
    }

  private:
    std::vector<Member> members;

    bool events(Reader& r, size_t most) {
        if (!r.letter('[')) return false;
        bool closed;
        for (bool first = true; r.item(first, closed); first = false)
            if (arrivals.size() == most || !event(r, 2)) return false;
        return closed;
    }

    bool event(Reader& r, int depth) {
        r.space();
        arrivals.emplace_back();
        Arrival& a = arrivals.back();
        const char* start = r.p;
        a.first = a.behind = members.size();
        if (r.p == r.end) return false;
        if (*r.p != '{') {
            Value other;
            a.doubt = true;
            if (!r.value(other, depth)) return false;
            a.whole = {start, static_cast<size_t>(r.p - start)};
            return true;
        }
        r.p++;
        Value key, held;
        bool closed;
        for (bool first = true; r.member(key, first, closed); first = false) {
            const char* quote = key.span.at - 1;
            int known = event_keys().find(key.span);
            a.doubt = a.doubt || known == STRANGE || std::memchr(key.span.at, '\\', key.span.size) != nullptr;
            if (!(known == CONTEXT_ ? context(r, a, held, depth + 1) : r.value(held, depth + 1))) return false;
            if (known >= 0 && known < KNOWN) {
                a.doubt = a.doubt || a.has(known);
                a.given |= 1u << known;
                a.held[known] = held;
            }
            members.push_back({{quote, static_cast<size_t>(r.p - quote)}, known < 0 ? KNOWN : known});
        }
        a.behind = members.size();
        a.whole = {start, static_cast<size_t>(r.p - start)};
        return closed;
    }

    bool context(Reader& r, Arrival& a, Value& held, int depth) {
        r.space();
        if (r.p == r.end || *r.p != '{') return r.value(held, depth);
        held.sort = Sort::OBJECT;
        const char* start = r.p++;
        Value key, inner;
        bool closed, schema = false, traits = false;
        for (bool first = true; r.member(key, first, closed); first = false) {
            if (!r.value(inner, depth + 1)) return false;
            a.doubt = a.doubt || std::memchr(key.span.at, '\\', key.span.size) != nullptr;
            if (key.span.is("schema", 6)) {
                a.doubt = a.doubt || schema;
                schema = true;
                a.schema = inner;
            } else if (key.span.is("traits", 6)) {
                a.doubt = a.doubt || traits;
                traits = true;
                a.traits = inner;
            }
        }
        held.span = {start, static_cast<size_t>(r.p - start)};
        return closed;
    }

    // Whether the key of the request is beyond doubt: it stands beside the events, or in the first that has one.
    bool keyed() {
        if (write_key.sort == Sort::NOTHING || (write_key.sort == Sort::TEXT && write_key.span.size == 0)) {
            write_key = Value();
            for (const Arrival& a : arrivals) {
                if (a.doubt) return false;  // it may be what has the key
                if (!a.has(KEY_)) continue;
                write_key = a.held[KEY_];
                break;
            }
        }
        return write_key.sort == Sort::NOTHING || (write_key.sort == Sort::TEXT && write_key.plain);
    }

    static bool is_empty(const Span& object) {
        size_t at = 1;
        while (is_space(object.at[at])) at++;
        return object.at[at] == '}';
    }

    static void put(std::string& out, const char* key, char quote, const Span& value) {
        out.append(",\"").append(key).append("\":");
        if (quote) out.push_back(quote);
        out.append(value.at, value.size);
        if (quote) out.push_back(quote);
    }

    // Whether ids and names are what the call needs; ids that are none are dropped.
    static bool plain(const Arrival& a, int call, uint32_t& dropped) {
        if (!a.has(ID_) || !is_short(a.held[ID_], 100)) return false;
        uint32_t ids = 0;
        for (int id : {USER_, ANONYMOUS_, GROUP_, PREVIOUS_}) {
            const Value& held = a.held[id];
            if (!a.has(id)) continue;
            if (held.sort == Sort::NOTHING || (held.sort == Sort::TEXT && held.span.size == 0)) dropped |= 1u << id;
            else if (is_short(held, std::numeric_limits<int64_t>::max())) ids |= 1u << id;
            else return false;
        }
        if (!(ids & (1u << USER_ | 1u << ANONYMOUS_))) return false;
        if (call == GROUP && !(ids & 1u << GROUP_)) return false;
        if (call == ALIAS && (!(ids & 1u << PREVIOUS_) || !(ids & 1u << USER_))) return false;
        if ((call == TRACK) != a.has(EVENT_) || (call == TRACK && a.has(NAME_))) return false;
        for (int name : {EVENT_, NAME_}) {
            bool none = name == NAME_ && a.held[name].sort == Sort::NOTHING;
            if (a.has(name) && !none && !is_short(a.held[name], std::numeric_limits<int64_t>::max())) return false;
        }
        for (int slot : {CATEGORY_, INTEGRATIONS_, CONTEXT_}) {
            if (!a.has(slot) || (slot != CONTEXT_ && a.held[slot].sort == Sort::NOTHING)) continue;
            if (a.held[slot].sort != (slot == CATEGORY_ ? Sort::TEXT : Sort::OBJECT)) return false;
        }
        return true;
    }

    static bool bodies(const Arrival& a, int call, const Outline* body, bool below) {
        int typed = call == IDENTIFY || call == GROUP ? TRAITS_ : PROPERTIES_;
        for (int slot : {PROPERTIES_, TRAITS_}) {
            bool taken = below && slot == TRAITS_;
            const Value& held = taken ? a.traits : a.held[slot];
            if (taken && a.held[slot].sort == Sort::OBJECT && !is_empty(a.held[slot].span)) return false;
            if (!taken && !a.has(slot)) {
                if (body != nullptr && slot == typed) return false;
                continue;
            }
            if (held.sort != Sort::OBJECT) return false;
            if (body == nullptr || slot != typed) continue;
            Field field;
            field.kind = SHAPE;
            field.inner = body;
            Reader r(held.span.at, held.span.at + held.span.size);
            if (!r.checked(field, 0)) return false;
        }
        return true;
    }

    static bool times(const Arrival& a, const Terms& terms, std::string& out) {
        int64_t moments[KNOWN];
        for (int time : {TIME_, ORIGINAL_, SENT_}) {
            moments[time] = a.has(time) ? moment_of(a.held[time]) : NO_TIME;
            if (a.has(time) && moments[time] == NO_TIME) return false;
        }
        if (!a.has(SENT_) && terms.sent != NO_TIME) {
            moments[SENT_] = terms.sent;
            put(out, "sentAt", 0, {terms.sent_text.data(), terms.sent_text.size()});
        }
        int64_t time = moments[TIME_], original = moments[ORIGINAL_], happened = terms.received;
        if (time == NO_TIME && original == NO_TIME) {
            out.append(",\"timestamp\":\"");
            put_moment(out, happened);
            out.push_back('"');
            return true;
        }
        const Span& said = a.held[original == NO_TIME ? TIME_ : ORIGINAL_].span;
        // who gives both says when it happened, and when its own clock took note of it
        bool both = time != NO_TIME && original != NO_TIME && time != original;
        int64_t occurred = both || original == NO_TIME ? time : original;
        happened = corrected(occurred, both ? NO_TIME : moments[SENT_], terms.received);
        if (happened == occurred) {
            put(out, "timestamp", '"', time == NO_TIME ? said : a.held[TIME_].span);
        } else {
            out.append(",\"timestamp\":\"");
            put_moment(out, happened);
            out.push_back('"');
        }
        put(out, "originalTimestamp", '"', said);
        return true;
    }
};

}  // namespace cxm

#endif
