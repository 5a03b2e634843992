using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Session;

namespace Fastbridge.Tests.Mqtt.Session;

/// <summary>When to try again: exponential with full jitter, 100 ms to 30 s.</summary>
public class ReconnectTests
{
    private static readonly MqttClientOptions Options = new();
    private static readonly ConnectionEnd Refused = new("connection refused");

    private sealed class Top : Random
    {
        public override double NextDouble() => 0.999999;
    }

    private sealed class Bottom : Random
    {
        public override double NextDouble() => 0;
    }

    [Fact]
    public void waits_double_up_to_the_longest()
    {
        Backoff backoff = new(Options.ReconnectDelay, Options.ReconnectDelayMax, new Top());
        double[] ms = [.. Enumerable.Range(0, 12).Select(_ => Math.Round(backoff.Next(TimeSpan.Zero).TotalMilliseconds))];
        Assert.Equal([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000], ms);
    }

    [Fact]
    public void jitter_is_full()
    {
        Backoff backoff = new(Options.ReconnectDelay, Options.ReconnectDelayMax, new Bottom());
        Assert.All(Enumerable.Range(0, 12), _ => Assert.Equal(TimeSpan.Zero, backoff.Next(TimeSpan.Zero)));
    }

    [Fact]
    public void only_a_stable_minute_starts_over()
    {
        Backoff backoff = new(Options.ReconnectDelay, Options.ReconnectDelayMax, new Top());
        for (int i = 0; i < 5; i++)
            backoff.Next(TimeSpan.Zero);
        Assert.Equal(3_200, Math.Round(backoff.Next(TimeSpan.FromSeconds(59)).TotalMilliseconds));
        Assert.Equal(100, Math.Round(backoff.Next(TimeSpan.FromSeconds(60)).TotalMilliseconds));
    }

    [Fact]
    public void a_session_taken_over_is_not_fought_for()
    {
        ConnectionEnd end = ReasonTexts.OfDisconnect(new DisconnectPacket(ReasonCode.SessionTakenOver));
        TimeSpan wait = new ReconnectPolicy(Options, new Bottom()).Plan(end, TimeSpan.FromHours(1)).Wait;
        Assert.InRange(wait.TotalSeconds, 15, 30);
        Assert.Contains("client_id", end.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void the_same_violation_three_times_running_is_said_and_tried_at_the_longest_interval()
    {
        ReconnectPolicy policy = new(Options, new Bottom());
        ConnectionEnd poison = ConnectionEnd.Broken(new ProtocolViolation(Violations.QoS3, "first byte 0x36"));
        Assert.Equal(new ReconnectPlan(TimeSpan.Zero, Repeated: false, Warning: null), policy.Plan(poison, TimeSpan.Zero));
        Assert.Equal(new ReconnectPlan(TimeSpan.Zero, Repeated: true, Warning: null), policy.Plan(poison, TimeSpan.Zero));
        ReconnectPlan third = policy.Plan(poison, TimeSpan.Zero);
        Assert.Contains("3 times running", third.Warning, StringComparison.Ordinal);
        Assert.InRange(third.Wait.TotalSeconds, 15, 30);
        ReconnectPlan fourth = policy.Plan(poison, TimeSpan.Zero);
        Assert.Null(fourth.Warning);
        Assert.InRange(fourth.Wait.TotalSeconds, 15, 30);
    }

    [Fact]
    public void another_end_between_them_starts_the_count_again()
    {
        ReconnectPolicy policy = new(Options, new Bottom());
        ConnectionEnd poison = ConnectionEnd.Broken(new ProtocolViolation(Violations.QoS3, "first byte 0x36"));
        policy.Plan(poison, TimeSpan.Zero);
        policy.Plan(poison, TimeSpan.Zero);
        policy.Plan(Refused, TimeSpan.Zero);
        Assert.Null(policy.Plan(poison, TimeSpan.Zero).Warning);
    }

    [Fact]
    public void codes_read_as_words()
    {
        Assert.Equal("quota exceeded (0x97)", ReasonCode.QuotaExceeded.InWords());
        Assert.Equal("unknown reason (0x77)", ((ReasonCode)0x77).InWords());
    }

    [Fact]
    public void what_the_server_says_is_one_short_line()
    {
        string said = new string('x', 5_000) + "\r\nforged line";
        string reason = ReasonTexts.OfDisconnect(new DisconnectPacket(ReasonCode.ServerBusy) { ReasonString = "a\r\nb" + said }).Reason;
        Assert.DoesNotContain('\n', reason);
        Assert.True(reason.Length < 400);
    }

    [Fact]
    public void a_server_that_moved_names_where() =>
        Assert.Contains("other.example:1883", ReasonTexts.OfDisconnect(new DisconnectPacket(ReasonCode.ServerMoved) { ServerReference = "other.example:1883" }).Reason, StringComparison.Ordinal);
}
