using System.Net;
using System.Text.Json;
using Fastbridge.Core;
using Fastbridge.Core.Live;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Admin;

/// <summary>The calls history and records.</summary>
public class LookTests : AdminTest
{
    private static readonly ConnectorStatus Connector = new("k1", ConnectorState.Running, "", FakeBridge.Start, "new") { Buffer = FakeBridge.Buffer };

    internal static SampledRecord Record(byte[] payload, int? length = null, byte[]? key = null) => new()
    {
        ReceivedAt = FakeBridge.Start,
        MqttTopic = "a/b",
        QoS = QoS.ExactlyOnce,
        Retain = true,
        KafkaTopic = "t",
        Key = key,
        Payload = payload,
        PayloadBytes = length ?? payload.Length,
        ValueBytes = 400,
    };

    [Fact]
    public async Task the_history_has_a_sample_every_five_seconds()
    {
        Bridge.Status = Bridge.Status with { Connectors = [Connector with { Received = 1000 }] };
        Time.Advance(TimeSpan.FromSeconds(5));
        Bridge.Status = Bridge.Status with { Connectors = [Connector with { Received = 1010, Delivered = 5, InFlight = 7 }] };
        Time.Advance(TimeSpan.FromSeconds(5));
        JsonElement data = (await GetAsync(Base + "history?connector_name=k1&tenant=default")).Body.GetProperty("data");
        Assert.Equal(
            ("5", "[2]", "[1]", "[7]", "[2]"),
            (data.GetProperty("step_seconds").ToString(), Raw("received_per_second"), Raw("delivered_per_second"), Raw("in_flight"), Raw("buffer_bytes")));
        Assert.Equal(Time.GetUtcNow(), data.GetProperty("until").GetDateTimeOffset());

        string Raw(string name) => data.GetProperty(name).GetRawText();
    }

    [Fact]
    public async Task before_the_first_sample_the_history_is_empty_and_of_an_unknown_connector_there_is_none()
    {
        Bridge.Status = Bridge.Status with { Connectors = [Connector] };
        JsonElement data = (await GetAsync(Base + "history?connector_name=k1")).Body.GetProperty("data");
        Assert.Equal((0, JsonValueKind.Null), (data.GetProperty("in_flight").GetArrayLength(), data.GetProperty("until").ValueKind));
        foreach (string query in new[] { "history?connector_name=no", "history?connector_name=k1&tenant=t2", "records?connector_name=no" })
        {
            (HttpStatusCode status, JsonElement body) = await GetAsync(Base + query);
            Assert.Equal((HttpStatusCode.OK, "not_found"), (status, body.GetProperty("reason").GetString()));
            FaultOf(body);
        }
    }

    [Theory]
    [InlineData("7B7D", null, "{}", "text")]
    [InlineData("", null, "", "text")]
    [InlineData("610A620D09", null, "a\nb\r\t", "text")]
    [InlineData("C3A4", null, "ä", "text")]
    [InlineData("61C3", null, "61c3", "hex")] // Half a character, and nothing was cut.
    [InlineData("61C3", 4097, "a", "text")] // Half a character, cut in it.
    [InlineData("6100", null, "6100", "hex")]
    [InlineData("1B5B", null, "1b5b", "hex")]
    [InlineData("FF", 5000, "ff", "hex")]
    public async Task a_payload_is_shown_as_text_where_it_is_text_and_else_as_hex(string payload, int? length, string shown, string encoding)
    {
        Bridge.Records = new RecordSample(FakeBridge.Start, 9, [Record(Convert.FromHexString(payload), length, key: "a/b"u8.ToArray())]);
        JsonElement data = (await GetAsync(Base + "records?connector_name=k1")).Body.GetProperty("data");
        JsonElement record = data.GetProperty("records")[0];
        Assert.Equal((9, shown, encoding), (data.GetProperty("seen").GetInt64(), record.GetProperty("payload").GetString(), record.GetProperty("payload_encoding").GetString()));
        Assert.Equal(("a/b", "text", 2, true), (record.GetProperty("key").GetString(), record.GetProperty("key_encoding").GetString(), record.GetProperty("qos").GetInt32(), record.GetProperty("retain").GetBoolean()));
        Assert.Equal(length ?? payload.Length / 2, record.GetProperty("payload_bytes").GetInt32());
    }

    [Theory]
    [InlineData("", 20)]
    [InlineData("&limit=3", 3)]
    public async Task the_limit_reaches_the_bridge(string query, int limit)
    {
        Bridge.Records = RecordSample.None;
        JsonElement data = (await GetAsync(Base + "records?connector_name=k1&tenant=t2" + query)).Body.GetProperty("data");
        Assert.Equal(("t2", "k1", limit), Bridge.Looked);
        Assert.Equal(JsonValueKind.Null, data.GetProperty("since").ValueKind);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=21")]
    [InlineData("limit=x")]
    public async Task a_limit_out_of_bounds_is_refused_and_opens_nothing(string query)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync($"{Base}records?connector_name=k1&{query}")).Status);
        Assert.Equal(default, Bridge.Looked);
    }

    [Fact]
    public async Task who_begins_to_look_at_payloads_is_in_the_log_once_and_no_payload_is()
    {
        Bridge.Records = new RecordSample(FakeBridge.Start, 1, [Record("private"u8.ToArray())]) { IsFirst = true };
        await GetAsync(Base + "records?connector_name=k1");
        Bridge.Records = Bridge.Records with { IsFirst = false };
        await GetAsync(Base + "records?connector_name=k1");
        Assert.Single(Log.Lines, l => l.StartsWith("Information 4105 connector k1", StringComparison.Ordinal));
        Assert.DoesNotContain(Log.Lines, l => l.Contains("private", StringComparison.Ordinal));
    }
}
