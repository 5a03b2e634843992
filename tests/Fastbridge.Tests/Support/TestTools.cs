using System.Diagnostics.CodeAnalysis;

namespace Fastbridge.Tests.Support;

/// <summary>
/// Where the real parts are: MQTT brokers, Kafka, the published executable. A test asks for what it needs; where that is missing it is
/// skipped, and the reason names the setting or the command that brings it.
/// </summary>
public static class TestTools
{
    /// <summary>A folder with <c>kafka/kafka</c> and <c>hivemq/hivemq</c>.</summary>
    public const string ToolsSetting = "FASTBRIDGE_TEST_TOOLS";

    /// <summary>host:port of a running Kafka that the tests may fill with topics.</summary>
    public const string KafkaSetting = "FASTBRIDGE_TEST_KAFKA";

    /// <summary>The executable under test; default <c>artifacts/fastbridge</c>.</summary>
    public const string ExecutableSetting = "FASTBRIDGE_EXE";

    /// <summary>1: folders of the tests are kept.</summary>
    public const string KeepSetting = "FASTBRIDGE_KEEP";

    /// <summary>Hang guard for every wait in tests: 2 minutes. Never a measure: a busy machine may take long.</summary>
    public static readonly TimeSpan Guard = TimeSpan.FromMinutes(2);

    public static bool KeepFolders => Setting(KeepSetting) == "1";

    /// <summary>The folder that holds fastbridge.sln.</summary>
    public static string Root { get; } = FindRoot();

    public static string? KafkaScript => Tool("kafka/kafka");

    /// <summary>A real Kafka can be started here.</summary>
    public static bool HasKafkaScript => KafkaScript is not null && Java is not null;

    public static string? HiveMqScript => Tool("hivemq/hivemq");

    private static string? Java => Find("java", "/usr/bin/java");

    /// <summary>host:port of a Kafka that runs already, or null.</summary>
    public static string? KafkaAddress => Setting(KafkaSetting);

    public static string RequireMosquitto() =>
        Find("mosquitto", "/usr/sbin/mosquitto") ?? Skip("mosquitto is not installed: apt-get install mosquitto");

    public static string RequirePromtool() =>
        Find("promtool", "/usr/bin/promtool") ?? Skip("promtool is not installed: apt-get install prometheus");

    /// <summary>The script that starts a real Kafka, for tests that stop and start it.</summary>
    public static string RequireKafkaScript()
    {
        RequireJava();
        return KafkaScript ?? Skip($"a real Kafka is needed: set {ToolsSetting} to a folder that holds kafka/kafka");
    }

    public static string RequireHiveMqScript()
    {
        RequireJava();
        return HiveMqScript ?? Skip($"HiveMQ is needed: set {ToolsSetting} to a folder that holds hivemq/hivemq");
    }

    /// <summary>A browser, for the dashboard.</summary>
    public static string RequireChromium() =>
        Find("chromium", "/usr/bin/chromium") ?? Skip("chromium is not installed: scripts/setup.sh --browser, or apt-get install chromium");

    /// <summary>The published executable: tests of the product run what users run.</summary>
    public static string RequireExecutable()
    {
        string path = Setting(ExecutableSetting) ?? Path.Combine(Root, "artifacts", "fastbridge");
        return File.Exists(path) ? path : Skip($"{path} is not there: run scripts/publish.sh, or set {ExecutableSetting}");
    }

    [DoesNotReturn]
    public static string Skip(string reason)
    {
        Assert.Skip(reason);
        throw new InvalidOperationException(reason);
    }

    private static void RequireJava()
    {
        if (Java is null) Skip("java is not installed: apt-get install default-jre-headless");
    }

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string? Tool(string relative) =>
        Setting(ToolsSetting) is { } folder && File.Exists(Path.Combine(Rooted(folder), relative)) ? Path.Combine(Rooted(folder), relative) : null;

    /// <summary>A relative folder is meant from the repository, where the scripts stand, not from the test's output folder.</summary>
    private static string Rooted(string folder) => Path.GetFullPath(folder, Root);

    private static string? Find(string name, string usual) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name)).Append(usual).FirstOrDefault(File.Exists);

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "fastbridge.sln"))) return folder;
        }

        return Directory.GetCurrentDirectory();
    }
}
