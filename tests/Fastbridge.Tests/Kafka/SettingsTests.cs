using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Producing;

namespace Fastbridge.Tests.Kafka;

/// <summary>A file's librdkafka properties: which are refused, and how that is said.</summary>
public class SettingsTests
{
    [Theory]
    [InlineData("acks", "all", "option 'acks'")]
    [InlineData("request.required.acks", "1", "option 'acks'")]
    [InlineData("enable.idempotence", "false", "remove it")]
    [InlineData("delivery.report.only.error", "true", "remove it")]
    [InlineData("transactional.id", "x", "remove it")]
    [InlineData("plugin.library.paths", "x", "remove it")]
    [InlineData("test.mock.num.brokers", "3", "remove it")]
    [InlineData("ssl.ca.locatoin", "x", "did you mean ssl.ca.location?")]
    [InlineData("sasl.pasword", "x", "did you mean sasl.password?")]
    [InlineData("reconnect.backof.ms", "x", "did you mean reconnect.backoff.ms?")]
    [InlineData("completely-different", "x", "CONFIGURATION.md")]
    [InlineData("reconnect.backoff.ms", "soon", "soon")]
    [InlineData("security.protocol", "tls", "security.protocol")]
    [InlineData("sasl.jaas.config", "x", "properties.sasl.jaas.config")]
    [InlineData("dr_msg_cb", "x", "properties.dr_msg_cb")]
    public void a_property_that_may_not_be_set_is_named_with_a_remedy(string name, string value, string expected)
    {
        var e = Assert.Throws<SinkConfigurationException>(() => ProducerSettings.From(Sinks.Config("localhost:1", (name, value))));
        Assert.StartsWith($"properties.{name}: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task settings_that_contradict_are_refused_at_open()
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var e = Assert.Throws<SinkConfigurationException>(
            () => factory.Open(Sinks.Config("localhost:1", ("max.in.flight", "100")), new RecordingListener()));
        Assert.Contains("max.in.flight", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sasl.password", "hunter2-secret")]
    [InlineData("ssl.key.password", "hunter2-secret")]
    [InlineData("ssl.key.pem", "hunter2-secret")]
    [InlineData("ssl.keystore.password", "hunter2-secret")]
    [InlineData("sasl.oauthbearer.client.secret", "hunter2-secret")]
    public async Task a_secret_stands_in_no_message(string name, string secret)
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        try
        {
            await using IRecordSink sink = factory.Open(
                Sinks.Config(
                    "localhost:1", (name, secret), ("security.protocol", "sasl_ssl"), ("sasl.mechanism", "PLAIN"), ("ssl.key.location", "/does/not/exist"),
                    ("client.rack", secret)),
                new RecordingListener());
            Assert.Fail("settings with a key file that does not exist were accepted");
        }
        catch (SinkConfigurationException e)
        {
            Assert.DoesNotContain("hunter2", e.Message, StringComparison.Ordinal);
        }

        Assert.True(SecretScrubber.IsSecret(name));
        Assert.Equal("login *** failed", new SecretScrubber([new(name, secret)]).Clean($"login {secret}\nfailed"));
    }

    [Fact]
    public void a_files_properties_win_over_our_defaults()
    {
        ProducerSettings settings = ProducerSettings.From(Sinks.Config("localhost:1", ("linger.ms", "77"), ("ssl.ca.location", "/ca.pem")));
        Assert.Equal("77", settings.Properties.Last(p => p.Key == "linger.ms").Value);
        Assert.DoesNotContain(settings.Properties, p => p.Value == "probe");
        foreach (string on in (string[])["socket.keepalive.enable", "produce.requests.join", "produce.requests.overlap"])
        {
            Assert.Equal("true", settings.PropertyMap[on]);
            Assert.Equal("false", ProducerSettings.From(Sinks.Config("localhost:1", (on, "false"))).PropertyMap[on]);
        }
    }

    [Fact]
    public void acks_decide_idempotence()
    {
        string Of(int acks) => ProducerSettings.From(Sinks.Config("localhost:1") with { Acks = acks }).Properties.Single(p => p.Key == "enable.idempotence").Value;
        Assert.Equal(("true", "false", "false"), (Of(-1), Of(0), Of(1)));
        Assert.Throws<SinkConfigurationException>(() => Of(2));
    }
}
