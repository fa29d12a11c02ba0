#!/bin/sh
# The main job over HTTP: a lead becomes a customer, is won, gets a case, and the whole picture is one call.
#   KITH_URL=http://127.0.0.1:8080 KITH_API_KEY=kith_… sh main_job.sh      needs curl and python3
set -eu
: "${KITH_URL:=http://127.0.0.1:8080}" "${KITH_API_KEY:?is the api_key in .kith/demo.json}"

call() { # METHOD PATH [JSON]: the reply; a refusal ends the script and is shown
    reply=$(curl -sS -g --noproxy '*' -w '\n%{http_code}' -X "$1" "$KITH_URL$2" -H "Authorization: Bearer $KITH_API_KEY" \
        -H 'Content-Type: application/json' ${3:+--data-binary "$3"})
    case $reply in *"
200") printf '%s' "${reply%???}" ;; *) echo "$1 $2: $reply" >&2; return 1 ;; esac
}
get() { # FIELD, of the JSON that comes in; a path such as cases.0.id
    python3 -c 'import functools, json, sys
step = lambda at, name: at[int(name)] if isinstance(at, list) else at[name]
print(functools.reduce(step, sys.argv[1].split("."), json.load(sys.stdin)))' "$1"
}

segment=$(call POST /v1/segments '{"displayName": "今年成交客户", "filter": "last_won_time = this_year"}' | get id)
lead=$(call POST /v1/leads '{"displayName": "诸葛静", "company": "成都青禾机器人有限公司",
    "phones": [{"number": "138 0013 8001"}], "source": "展会"}' | get id)
call POST "/v1/leads/$lead:qualify" >/dev/null
converted=$(call POST "/v1/leads/$lead:convert" '{"amount": {"currencyCode": "CNY", "units": "125000"}}')
contact=$(printf '%s' "$converted" | get contactId)
opportunity=$(printf '%s' "$converted" | get opportunityId)
echo "contact $contact"

call POST "/v1/opportunities/$opportunity:win" | get state

case= tries=0
until [ -n "$case" ]; do # it is opened by the event, a moment later
    case=$(call GET "/v1/cases?filter=opportunity_id=\"$opportunity\"" | get cases.0.id 2>/dev/null) || case=
    tries=$((tries + 1)); [ "$tries" -lt 300 ] || { echo "no case was opened" >&2; exit 1; }
    [ -n "$case" ] || sleep 0.1
done
call POST "/v1/cases/$case:reply" '{"body": "欢迎！我们周一上门安装。"}' >/dev/null
call POST "/v1/cases/$case:resolve" '{"resolution": "已安装"}' | get state

member= tries=0
until [ -n "$member" ]; do
    member=$(call GET "/v1/segmentMemberships?filter=segment_id=\"$segment\"%20AND%20contact_id=\"$contact\"" |
        get segmentMemberships.0.id 2>/dev/null) || member=
    tries=$((tries + 1)); [ "$tries" -lt 300 ] || { echo "not in the segment" >&2; exit 1; }
    [ -n "$member" ] || sleep 0.1
done
echo "member of $segment"
call GET "/v1/contacts/$contact/overview" | python3 -c 'import json, sys
for one in reversed(json.load(sys.stdin)["timeline"]):
    print(one["interactionTime"], one["kind"], one["summary"])'
