using System.Net;
using System.Net.Sockets;
using Fastbridge.Tests.Build;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Packaging;

/// <summary>What scripts/package.sh makes of artifacts/fastbridge, looked at with dpkg-deb; nothing is compiled for it.</summary>
public sealed class DebTests(PackedDeb packed) : IClassFixture<PackedDeb>, IDisposable
{
    private readonly TempFolder _folder = new("deb");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task the_deb_holds_the_program_its_service_and_its_settings_under_root_and_right_modes()
    {
        string list = await ToolAsync("dpkg-deb", "-c", await packed.DebAsync());

        Assert.Contains(Lines(list), l => l.StartsWith("-rwxr-xr-x root/root", StringComparison.Ordinal) && l.EndsWith(" ./usr/bin/fastbridge", StringComparison.Ordinal));
        Assert.Contains(Lines(list), l => l.EndsWith(" ./usr/bin/robust-ctl -> fastbridge", StringComparison.Ordinal));
        // Secrets may stand in it; postinst gives it to the group fastbridge.
        Assert.Contains(Lines(list), l => l.StartsWith("-rw-r----- root/root", StringComparison.Ordinal) && l.EndsWith(" ./etc/fastbridge/connectors.json", StringComparison.Ordinal));
        foreach (string file in (string[])["lib/systemd/system/fastbridge.service", "share/man/man1/fastbridge.1.gz", "share/bash-completion/completions/fastbridge",
            "share/zsh/vendor-completions/_fastbridge", "share/fish/vendor_completions.d/fastbridge.fish", "share/doc/fastbridge/copyright", "share/doc/fastbridge/sbom.cdx.json",
            "share/doc/fastbridge/SECURITY.md", "share/doc/fastbridge/changelog.gz"])
        {
            Assert.Contains(Lines(list), l => l.EndsWith($" ./usr/{file}", StringComparison.Ordinal));
        }

        Assert.All(Lines(list), l => Assert.Equal("root/root", l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));
    }

    [Fact]
    public async Task the_settings_are_conffiles_and_the_scripts_are_whole()
    {
        string deb = await packed.DebAsync();
        string control = _folder.File("control");
        await ToolAsync("dpkg-deb", "-e", deb, control);

        Assert.Equal(["/etc/fastbridge/connectors.json", "/etc/fastbridge/environment"], Lines(await File.ReadAllTextAsync(Path.Combine(control, "conffiles"), TestContext.Current.CancellationToken)));
        Assert.Matches(@"(?m)^Depends: libc6 \(>= 2\.\d+\), adduser$", await File.ReadAllTextAsync(Path.Combine(control, "control"), TestContext.Current.CancellationToken));
        foreach (string script in (string[])["postinst", "prerm", "postrm"]) await ToolAsync("sh", "-n", Path.Combine(control, script));
    }

    [Fact]
    public async Task the_same_executable_gives_the_same_bytes()
    {
        string first = await packed.DebAsync();
        string second = await PackedDeb.PackAsync(_folder.Path);

        // Both archives, by their checksums.
        string sums = await SumsAsync(first);
        Assert.Equal(2, Lines(sums).Length);
        Assert.Equal(sums, await SumsAsync(second));
    }

    [Fact]
    public async Task the_installed_file_has_the_disk_buffer_on_and_runs_without_connecting_to_anything()
    {
        using var broker = new TcpListener(IPAddress.Loopback, 0);
        broker.Start();
        string shipped = await File.ReadAllTextAsync(Path.Combine(TestTools.Root, "packaging", "deb", "connectors.json"), TestContext.Current.CancellationToken);
        Assert.Contains("""
            "buffer": { "when": "kafka_down", "max_bytes": 536870912, "full": "hold" }
            """.Trim(), shipped, StringComparison.Ordinal);
        Assert.Contains("\"compression_type\": \"zstd\"", shipped, StringComparison.Ordinal);
        string address = $"127.0.0.1:{((IPEndPoint)broker.LocalEndpoint).Port}";
        // Both ends are the one listener: whatever the bridge connects to is seen.
        string file = _folder.Write("connectors.json", shipped.Replace("localhost:1883", address, StringComparison.Ordinal)
            .Replace("localhost:9092", address, StringComparison.Ordinal).Replace("/var/lib/fastbridge", _folder.File("state"), StringComparison.Ordinal));

        await using ChildProcess bridge = ChildProcess.Start(TestTools.RequireExecutable(), ["run", "--config", file, "--no-admin"]);
        await bridge.Error.WaitForAsync(["runs 0 connectors"]);
        bridge.Signal(UnixSignal.Terminate);

        Assert.Equal(0, await bridge.WaitForExitAsync());
        Assert.False(broker.Pending());
    }

    [Fact]
    public async Task a_wrong_argument_is_said_with_exit_code_2()
    {
        (int code, _, string error) = await ChildProcess.RunAsync(PackedDeb.Script, ["--nonsense"]);

        Assert.Equal(2, code);
        Assert.Contains("--nonsense", error, StringComparison.Ordinal);
    }

    private static Task<string> ToolAsync(string program, params string[] arguments) => PublishedExecutable.OutputOfAsync(program, arguments);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static Task<string> SumsAsync(string deb) => File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(deb)!, "SHA256SUMS"), TestContext.Current.CancellationToken);
}

/// <summary>One package for all tests that look into it; made when the first of them asks.</summary>
public sealed class PackedDeb : IDisposable
{
    internal static readonly string Script = Path.Combine(TestTools.Root, "scripts", "package.sh");

    private static readonly string Assets = Path.Combine(TestTools.Root, "artifacts", "publish", "obj", "Fastbridge", "project.assets.json");

    private readonly TempFolder _folder = new("package");
    private Task<string>? _deb;

    public void Dispose() => _folder.Dispose();

    /// <summary>The tests of a class run one after the other.</summary>
    internal Task<string> DebAsync() => _deb ??= PackAsync(_folder.Path);

    /// <summary>Skips the calling test where no .deb can be made. Hardly compressed: what is inside is the same, and xz takes most of the time.</summary>
    internal static async Task<string> PackAsync(string folder)
    {
        string executable = TestTools.RequireExecutable();
        Assert.SkipUnless(File.Exists("/usr/bin/dpkg-deb"), "dpkg-deb is not installed: only Debian and its kin have it");
        Assert.SkipUnless(File.Exists(Assets), "what was published is not known: run scripts/publish.sh");
        await PublishedExecutable.OutputOfAsync(Script, "--executable", executable, "--output", folder, "--fast");
        return Directory.GetFiles(folder, "*.deb").Single();
    }
}
