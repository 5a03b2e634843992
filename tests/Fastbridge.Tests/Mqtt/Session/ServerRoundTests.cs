using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Session;

namespace Fastbridge.Tests.Mqtt.Session;

/// <summary>Which server comes next.</summary>
public class ServerRoundTests
{
    private static readonly ConnectionEnd Refused = new("refused");
    private static readonly TimeSpan Never = TimeSpan.Zero;
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private static ServerRound Round(int others, MqttTlsOptions? tls = null) => new(new MqttClientOptions
    {
        Host = "a",
        Tls = tls,
        OtherServers = [.. Enumerable.Range(0, others).Select(i => new MqttServer(((char)('b' + i)).ToString(), 1883))],
    });

    private static string Hosts(ServerRound round, int attempts)
    {
        string hosts = "";
        for (int i = 0; i < attempts; i++)
        {
            hosts += round.Current.Host;
            if (!round.Next(Refused, Never, out _))
                hosts += ' ';
        }

        return hosts;
    }

    [Fact]
    public void a_round_is_every_server_once_and_the_wait_comes_behind_it()
    {
        Assert.Equal("abc abc ab", Hosts(Round(2), 8));
        Assert.Equal("a a a ", Hosts(Round(0), 3));
    }

    [Fact]
    public void after_a_loss_the_round_begins_where_the_connection_was()
    {
        ServerRound round = Round(2);
        Assert.True(round.Next(Refused, Never, out _));
        Assert.Equal("b", round.Current.Host);
        Assert.False(round.Next(Refused, Short, out _));
        Assert.Equal("bca bca ", Hosts(round, 6));
    }

    [Theory]
    [InlineData("h", "h:1883")]
    [InlineData("h:7 g", "h:7 g:1883")]
    [InlineData("  h:7  [fe80::1]:9 [::1] ", "h:7 fe80::1:9 ::1:1883")]
    [InlineData("mqtt://h:7/ tcp://g", "h:7 g:1883")]
    [InlineData("h:0 h:65536 h:x h: [::1 [::1]x [h]:1 ::1 u@h h/p h%41 a a:1883", "")]
    [InlineData("mqtts://h ws://h http://h", "")]
    public void references_are_read(string reference, string servers)
    {
        ServerRound round = Round(0);
        bool atOnce = round.Next(new ConnectionEnd("moved", Reference: reference), Never, out string? remark);
        string hosts = "";
        while (atOnce)
        {
            hosts += $"{round.Current.Host}:{round.Current.Port} ";
            atOnce = round.Next(Refused, Never, out _);
        }

        Assert.Equal(servers, hosts.TrimEnd());
        Assert.Equal(servers.Length == 0, remark is not null);
        Assert.Equal("a", round.Current.Host);
    }

    [Fact]
    public void a_reference_never_leads_from_tls_to_a_plain_connection()
    {
        ServerRound round = Round(0, new MqttTlsOptions());
        Assert.False(round.Next(new ConnectionEnd("moved", Reference: "mqtt://h:1 tcp://h"), Never, out string? remark));
        Assert.StartsWith("not followed: it names no other server that speaks TLS", remark, StringComparison.Ordinal);
        Assert.True(round.Next(new ConnectionEnd("moved", Reference: "mqtts://h:1"), Never, out _));
        Assert.Equal(new MqttServer("h", 1), round.Current);
    }

    [Fact]
    public void after_a_stable_connection_references_are_followed_again()
    {
        ServerRound round = Round(0);
        for (int i = 0; i < ServerRound.MostReferences; i++)
        {
            Assert.False(round.Next(new ConnectionEnd("moved", Reference: $"h{i}"), Short, out string? none));
            Assert.Null(none);
            Assert.Equal($"h{i}", round.Current.Host);
        }

        round.Next(new ConnectionEnd("moved", Reference: "x"), Short, out string? remark);
        Assert.Contains("in a circle", remark, StringComparison.Ordinal);
        Assert.Equal("h4", round.Current.Host);
        round.Next(new ConnectionEnd("moved", Reference: "x"), Backoff.Stable, out remark);
        Assert.Null(remark);
        Assert.Equal("x", round.Current.Host);
    }

    [Fact]
    public void each_server_repeats_its_own_reason_and_only_the_round_steps_the_back_off()
    {
        var policy = new ReconnectPolicy(new MqttClientOptions(), new Random(1));
        Assert.Equal(new ReconnectPlan(TimeSpan.Zero, Repeated: false, Warning: null), policy.Plan(Refused, Never, "a", atOnce: true));
        Assert.False(policy.Plan(new ConnectionEnd("other"), Never, "b").Repeated);
        Assert.True(policy.Plan(Refused, Never, "a", atOnce: true).Repeated);
        Assert.True(policy.Plan(new ConnectionEnd("other"), Never, "b").Repeated);
    }
}
