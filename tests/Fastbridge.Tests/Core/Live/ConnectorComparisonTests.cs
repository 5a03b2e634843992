using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using Fastbridge.Core.Config;
using Fastbridge.Core.Live;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Core.Live;

/// <summary>Goes through every member of a connector's configuration by reflection, so that none that is added one day can be forgotten.</summary>
public class ConnectorComparisonTests
{
    /// <summary>Of no effect on a connector that runs.</summary>
    private static readonly string[] NoEffect = ["ClusterName", "BrokerId", "CreateTime", "UpdateTime", "ExpectMessageWithin"];

    private static readonly ConnectorConfig Full = new()
    {
        Name = "a",
        Mqtt = new MqttClientOptions
        {
            ClientId = "id",
            Username = "u",
            Password = new byte[] { 1, 2 },
            Tls = new MqttTlsOptions { CaFile = "ca", Alpn = ["a"], FilesDigest = "d" },
            OtherServers = [new MqttServer("other", 1)],
            WebSocketHeaders = [new("h", "v")],
            Proxy = new MqttProxy { Host = "proxy" },
            Will = new MqttWill("w", new byte[] { 3 }),
            Subscriptions = [new MqttSubscription("s/#", QoS.AtLeastOnce), new MqttSubscription("t", QoS.AtLeastOnce)],
        },
        Kafka = new KafkaConfig { BootstrapServers = "k:1", Topic = "t", Properties = ImmutableSortedDictionary<string, string>.Empty.Add("linger.ms", "1") },
        Record = new RecordConfig { Headers = [new("h", "${topic}")] },
    };

    /// <summary>Every path to a member that is no object of ours itself.</summary>
    public static TheoryData<string> Members
    {
        get
        {
            var all = new TheoryData<string>();
            foreach (string path in Paths(typeof(ConnectorConfig), ""))
                all.Add(path);
            return all;
        }
    }

    [Fact]
    public void a_deep_copy_is_the_same() => Assert.Equal(ConnectorChange.None, ConnectorComparison.Compare(Full, (ConnectorConfig)Copy(Full)!));

    [Fact]
    public void every_member_is_among_the_cases() => Assert.Superset(
        new HashSet<string> { "Mqtt.Password", "Mqtt.Tls.CaFile", "Mqtt.Tls.Fingerprints", "Mqtt.Proxy.Password", "Mqtt.OtherServers", "Mqtt.Will.Payload", "Mqtt.Subscriptions", "Kafka.Properties", "Record.Headers", "Window.MaxBytes", "Enabled" },
        Members.Select(m => m.Data).ToHashSet());

    [Theory]
    [MemberData(nameof(Members))]
    public void each_member_alone_makes_a_difference_unless_it_has_no_effect(string path)
    {
        var other = (ConnectorConfig)Copy(Full)!;
        Vary(other, path.Split('.'));
        ConnectorChange expected = NoEffect.Contains(path) ? ConnectorChange.None : path switch
        {
            "Mqtt.Subscriptions" => ConnectorChange.Subscriptions,
            "Mqtt.Tls.FilesDigest" => ConnectorChange.Renewal,
            _ => ConnectorChange.Restart,
        };
        Assert.Equal(expected, ConnectorComparison.Compare(Full, other));
        Assert.Equal(expected, ConnectorComparison.Compare(other, Full));
    }

    private static IEnumerable<string> Paths(Type type, string head) => type.GetProperties().Where(p => p.CanWrite).SelectMany(p =>
        IsOurs(p.PropertyType) ? Paths(p.PropertyType, head + p.Name + ".") : [head + p.Name]);

    private static bool IsOurs(Type type) => type is { IsClass: true, IsAbstract: false } && type.Namespace!.StartsWith("Fastbridge", StringComparison.Ordinal);

    private static object? Copy(object? value) => value switch
    {
        null => null,
        ReadOnlyMemory<byte> bytes => new ReadOnlyMemory<byte>(bytes.ToArray()),
        ImmutableSortedDictionary<string, string> map => ImmutableSortedDictionary.CreateRange(map.KeyComparer, map.Select(e => e)),
        string text => new string(text),
        IEnumerable when value.GetType().Name.StartsWith("ImmutableArray", StringComparison.Ordinal) => CopyArray(value),
        _ when IsOurs(value.GetType()) => CopyObject(value),
        _ => value,
    };

    private static object CopyArray(object array)
    {
        Type element = array.GetType().GetGenericArguments()[0];
        MethodInfo copy = typeof(ConnectorComparisonTests).GetMethod(nameof(CopyElements), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(element);
        return copy.Invoke(null, [array])!;
    }

    private static ImmutableArray<T> CopyElements<T>(ImmutableArray<T> all) => [.. all.Select(e => (T)Copy(e)!)];

    private static object CopyObject(object value)
    {
        object copy = value.GetType().GetMethod("<Clone>$")!.Invoke(value, [])!;
        foreach (PropertyInfo p in value.GetType().GetProperties().Where(p => p.CanWrite))
            p.SetValue(copy, Copy(p.GetValue(value)));
        return copy;
    }

    private static void Vary(object owner, ReadOnlySpan<string> path)
    {
        PropertyInfo member = owner.GetType().GetProperty(path[0])!;
        if (path.Length > 1)
        {
            if (member.GetValue(owner) is null)
                member.SetValue(owner, Activator.CreateInstance(member.PropertyType));
            Vary(member.GetValue(owner)!, path[1..]);
            return;
        }

        member.SetValue(owner, Other(member.GetValue(owner), member.PropertyType));
    }

    private static object Other(object? value, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return Enum.GetValues(type).Cast<object>().First(v => !v.Equals(value));
        return value switch
        {
            ImmutableArray<MqttSubscription> all => all.SetItem(0, all[0] with { RetainHandling = 2 }),
            ImmutableArray<MqttServer> all => all.SetItem(0, all[0] with { WebSocketPath = "/x" }),
            ImmutableArray<string> all => all.Add("more"),
            ImmutableArray<KeyValuePair<string, string>> all => all.SetItem(0, new("h", "other")),
            ImmutableSortedDictionary<string, string> all => all.SetItem("linger.ms", "2"),
            _ when type == typeof(string) => value + "x",
            _ when type == typeof(bool) => !(bool)(value ?? false),
            _ when type == typeof(TimeSpan) => (TimeSpan)(value ?? TimeSpan.Zero) + TimeSpan.FromSeconds(1),
            _ when type == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch,
            _ when type == typeof(ReadOnlyMemory<byte>) => new ReadOnlyMemory<byte>([9]),
            _ when type.IsPrimitive => Convert.ChangeType(Convert.ToInt64(value ?? 0, System.Globalization.CultureInfo.InvariantCulture) + 1, type, System.Globalization.CultureInfo.InvariantCulture),
            _ => throw new InvalidOperationException($"{type}: say here what another value of it is, and see that ConnectorComparison compares it by value"),
        };
    }
}
