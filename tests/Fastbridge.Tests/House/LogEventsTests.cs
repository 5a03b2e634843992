using System.Reflection;
using Fastbridge.Core;
using Fastbridge.Kafka;
using Fastbridge.Logs;
using Fastbridge.Mqtt;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Tests.House;

/// <summary>All log messages of the program together.</summary>
public class LogEventsTests
{
    private static readonly (MethodInfo Method, LoggerMessageAttribute Message)[] All =
    [
        .. new[] { typeof(MqttClient), typeof(Bridge), typeof(KafkaSinkFactory), typeof(LogLevels) }
            .SelectMany(t => t.Assembly.GetTypes())
            .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(m => (m, m.GetCustomAttribute<LoggerMessageAttribute>()!))
            .Where(m => m.Item2 is not null),
    ];

    [Fact]
    public void each_has_an_id_of_its_own()
    {
        Assert.True(All.Length > 70, $"only {All.Length} were found: this test is blind");
        Assert.Empty(All.GroupBy(m => m.Message.EventId).Where(g => g.Count() > 1).Select(g => $"{g.Key}: {string.Join(", ", g.Select(m => m.Method.Name))}"));
        Assert.DoesNotContain(All, m => m.Message.EventId <= 0);
    }

    [Fact]
    public void no_value_takes_the_name_of_a_member_that_every_json_line_has() =>
        Assert.Empty(All.SelectMany(m => m.Method.GetParameters()
            .Where(p => JsonLines.Fixed.Contains(JsonLines.MemberOf(p.Name!)) && p.ParameterType != typeof(Exception))
            .Select(p => $"{m.Method.Name}: {p.Name}")));
}
