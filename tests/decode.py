"""Decodes a scrape with other people's parsers, whatever format it is in, to what all formats must agree on.

    decode.py CONTENT_TYPE <body

Prints JSON lines: for each family ["family", name, type, help], for each sample ["sample", name, labels, value], sorted.
Names are those of text format 0.0.4 throughout. What is wrong with the body beyond its parser's own demands is an
error, too. Text and OpenMetrics are read by prometheus_client; protobuf by the decoder that the published schema
describes (tests/setup.sh puts its descriptor beside the interpreter).
"""

import itertools
import json
import os
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.utils import floatToGoString

# What some formats have types of their own for, and others tell as gauges.
KINDS = {"info": "gauge", "stateset": "gauge", "untyped": "unknown"}
# The schema has this field since 2023, by its message; the package of Debian 12 is older.
CREATED_TIMESTAMP = {"counter": 3, "histogram": 15}
# Classic bounds are written with nine digits after the point at most; buckets are at least 4 % wide.
SLACK = 1.002


class Wrong(Exception):
    """The body is not what its format demands."""


def text(body, families_of):
    """Families and samples of a text format, given its parser."""
    for family in families_of(body.decode("utf-8", errors="strict")):
        yield "family", bare(family.name), KINDS.get(family.type, family.type), family.documentation
        for sample in family.samples:
            if sample.timestamp is not None:
                raise Wrong(f"{sample.name} has a timestamp")
            yield "sample", sample.name, sample.labels, floatToGoString(sample.value)


def protobuf(body):
    """Families and samples of length-delimited messages; a family in several messages is one."""
    seen = set()
    last = None
    for message in messages(body):
        kind = message.DESCRIPTOR.fields_by_name["type"].enum_type.values_by_number[message.type].name.lower()
        family = "family", bare(message.name), KINDS.get(kind, kind), message.help
        if family != last and message.name in seen:
            raise Wrong(f"{message.name} in messages that are apart, or differ in more than their metrics")
        if family != last:
            yield family
        last = family
        seen.add(message.name)
        if not message.metric:
            raise Wrong(f"a message of {message.name} without metrics")
        for metric in message.metric:
            labels = {pair.name: pair.value for pair in metric.label}
            if len(labels) != len(metric.label) or metric.HasField("timestamp_ms"):
                raise Wrong(f"a label of {message.name} twice, or a timestamp")
            if not metric.HasField(kind):
                raise Wrong(f"a metric of {message.name} is no {kind}")
            if kind == "histogram":
                yield from histogram(message.name, labels, metric.histogram)
            else:
                yield "sample", message.name, labels, floatToGoString(getattr(metric, kind).value)
            told = getattr(metric, kind)
            if kind in CREATED_TIMESTAMP and told.HasField("created_timestamp"):
                began = told.created_timestamp
                seconds = floatToGoString(f"{began.seconds}.{began.nanos:09}")
                yield "sample", message.name.removesuffix("_total") + "_created", labels, seconds


def messages(body):
    """The messages of a body: each after its length, a minimal varint."""
    families = schema()
    at = 0
    while at < len(body):
        length = 0
        for shift in itertools.count(0, 7):
            if at == len(body):
                raise Wrong("it ends within a length")
            byte = body[at]
            at += 1
            length |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
        if byte == 0 and shift > 0:
            raise Wrong("a length with more bytes than it needs")
        if at + length > len(body):
            raise Wrong("it ends within a message")
        message = families.FromString(body[at : at + length])
        at += length
        known = message.ByteSize()
        message.DiscardUnknownFields()
        if message.ByteSize() != known:
            raise Wrong(f"{message.name}: fields the schema does not know")
        yield message


def schema():
    """The class of MetricFamily messages."""
    with open(os.path.join(sys.prefix, "metrics.desc"), "rb") as file:
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        for message in file.message_type:
            number = CREATED_TIMESTAMP.get(message.name.lower())
            if number and all(field.number != number for field in message.field):
                message.field.add(
                    name="created_timestamp",
                    number=number,
                    label=descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL,
                    type=descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE,
                    type_name=".google.protobuf.Timestamp",
                )
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("io.prometheus.client.MetricFamily"))


def histogram(name, labels, told):
    """A histogram's samples as text formats have them."""
    buckets = [(bucket.upper_bound, bucket.cumulative_count) for bucket in told.bucket]
    if not buckets or buckets[-1][0] != float("inf"):
        buckets.append((float("inf"), told.sample_count))
    if buckets != sorted(buckets) or buckets[-1][1] != told.sample_count:
        raise Wrong(f"{name}: the buckets do not add up")
    for bound, count in buckets:
        yield "sample", f"{name}_bucket", labels | {"le": floatToGoString(bound)}, floatToGoString(count)
    yield "sample", f"{name}_sum", labels, floatToGoString(told.sample_sum)
    yield "sample", f"{name}_count", labels, floatToGoString(told.sample_count)
    if told.HasField("schema"):
        native_agrees(name, told, buckets)


def native_agrees(name, told, classic):
    """Both views of an exponential histogram count the same observations up to each bound they share."""
    upper, count, index = told.zero_threshold, told.zero_count, 0
    native = [(upper, count)]
    deltas = iter(told.positive_delta)
    in_bucket = 0
    for span in told.positive_span:
        index += span.offset
        for _ in range(span.length):
            in_bucket += next(deltas)
            count += in_bucket
            try:
                upper = 2.0 ** (index * 2.0**-told.schema)
            except OverflowError:
                upper = float("inf")
            native.append((upper, count))
            index += 1
    if next(deltas, None) is not None:
        raise Wrong(f"{name}: more deltas than its spans hold")
    if not told.HasField("zero_threshold") or count != told.sample_count:
        raise Wrong(f"{name}: {count} in native buckets, {told.sample_count} observations")
    for bound, expected in classic:
        # Of whole numbers, those up to zero are those up to the threshold.
        end = max(bound * SLACK, told.zero_threshold)
        below = max(count for upper, count in native if upper <= end)
        if below != expected:
            raise Wrong(f"{name}: up to {bound} the native buckets have {below}, the classic ones {expected}")


def bare(name):
    """A family's name without what only some formats count to it."""
    return name.removesuffix("_total").removesuffix("_info")


def decode(content_type, body):
    """What `body` tells, by its content type."""
    media_type = content_type.partition(";")[0].strip()
    if media_type == "application/openmetrics-text":
        return text(body, openmetrics_parser.text_string_to_metric_families)
    if media_type == "text/plain":
        return text(body, parser.text_string_to_metric_families)
    if media_type == "application/vnd.google.protobuf":
        return protobuf(body)
    raise Wrong(f"no decoder for {content_type}")


def subject(fact):
    """What a fact is about: a series, whatever its value, or a family, whatever its type and help."""
    return fact[:3] if fact[0] == "sample" else fact[:2]


def main():
    try:
        told = list(decode(sys.argv[1], sys.stdin.buffer.read()))
    except (Wrong, ValueError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    subjects = sorted(json.dumps(subject(fact), sort_keys=True) for fact in told)
    twice = [what for what, group in itertools.groupby(subjects) if len(list(group)) > 1]
    if twice:
        sys.exit(f"told twice: {twice[0]}")
    print("\n".join(sorted(json.dumps(fact, sort_keys=True) for fact in told)))


main()
