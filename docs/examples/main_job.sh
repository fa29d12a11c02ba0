#!/bin/sh
# The main job over HTTP: a lead becomes a customer, is won, gets a case, and the whole picture is one call.
#   KITH_URL=http://127.0.0.1:8080 KITH_API_KEY=kith_… sh main_job.sh      needs curl and python3
set -eu
: "${KITH_URL:=http://127.0.0.1:8080}" "${KITH_API_KEY:?is the api_key in .kith/demo.json}"

ask() { # what curl takes beside URL and key: the reply; a refusal is shown, and ends the script
    path=$1; shift
    reply=$(curl -sS -g --noproxy '*' --fail-with-body -H "Authorization: Bearer $KITH_API_KEY" "$@" "$KITH_URL$path") ||
        { echo "$path: $reply" >&2; exit 1; }
    printf '%s' "$reply"
}
post() { ask "$1" -H 'Content-Type: application/json' --data-binary "${2:-}"; }
find() { ask "$1" -G --data-urlencode "filter=$2"; }
get() { # FIELD of the JSON that comes after, such as cases.0.id; nothing where there is none
    printf '%s' "$2" | python3 -c 'import json, sys
at = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    at = (at[int(name):] or [{}])[0] if isinstance(at, list) else at.get(name, "")
print(at or "")' "$1"
}
await() { # PATH FILTER FIELD: what comes of events, a moment later
    for _ in $(seq 200); do
        found=$(find "$1" "$2"); found=$(get "$3" "$found")
        [ -z "$found" ] || { echo "$found"; return; }
        sleep 0.1
    done
    echo "nothing in $1 with $2" >&2; exit 1
}

name="今年成交客户 $(date '+%F %T')" # names of segments are unique
segment=$(post /v1/segments "{\"displayName\": \"$name\", \"filter\": \"last_won_time = this_year\"}")
segment=$(get id "$segment")
lead=$(post /v1/leads '{"displayName": "诸葛静", "company": "成都青禾机器人有限公司",
    "phones": [{"number": "138 0013 8001"}], "source": "展会"}'); lead=$(get id "$lead")
post "/v1/leads/$lead:qualify" >/dev/null
customer=$(post "/v1/leads/$lead:convert" '{"amount": {"currencyCode": "CNY", "units": "125000"}}')
contact=$(get contactId "$customer") opportunity=$(get opportunityId "$customer")
echo "contact $contact"

won=$(post "/v1/opportunities/$opportunity:win"); get state "$won"
case=$(await /v1/cases "opportunity_id = \"$opportunity\"" cases.0.id) # it opens by the event alone
post "/v1/cases/$case:reply" '{"body": "欢迎！我们周一上门安装。"}' >/dev/null
resolved=$(post "/v1/cases/$case:resolve" '{"resolution": "已安装"}'); get state "$resolved"
member="segment_id = \"$segment\" AND contact_id = \"$contact\""
echo "member $(await /v1/segmentMemberships "$member" segmentMemberships.0.id)"

ask "/v1/contacts/$contact/overview" | python3 -c 'import json, sys
for one in reversed(json.load(sys.stdin)["timeline"]):
    print(one["interactionTime"], one["kind"], one["summary"])'
