CREATE TABLE event_log (
	topic TEXT NOT NULL, 
	partition INTEGER NOT NULL, 
	"offset" BIGINT NOT NULL, 
	key TEXT NOT NULL, 
	headers JSONB NOT NULL, 
	value BYTEA NOT NULL, 
	append_time TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	PRIMARY KEY (topic, partition, "offset")
);
CREATE INDEX event_log_age ON event_log USING brin (append_time);
CREATE TABLE log_partition (
	topic TEXT NOT NULL, 
	partition INTEGER NOT NULL, 
	next_offset BIGINT NOT NULL, 
	number INTEGER GENERATED ALWAYS AS IDENTITY, 
	PRIMARY KEY (topic, partition)
);
grant select, insert, update, delete on event_log, log_partition to events_worker;
