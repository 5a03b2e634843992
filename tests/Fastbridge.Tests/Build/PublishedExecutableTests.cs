using System.Text.RegularExpressions;

namespace Fastbridge.Tests.Build;

/// <summary>What README promises of the published file: one file, small, that runs on any Linux of a stated age.</summary>
public partial class PublishedExecutableTests
{
    /// <summary>25 MB, for a gateway's flash and an operator's copy over a slow link.</summary>
    private const long SizeLimit = 25_000_000;

    /// <summary>
    /// The oldest glibc that it runs on (RHEL 9, Debian 12, Ubuntu 22.04). An older one is out of reach with libc and libm alone:
    /// before 2.34 threads and dlopen were in libraries of their own.
    /// </summary>
    private static readonly Version OldestGlibc = new(2, 34);

    /// <summary>Debian 12's. A newer one's headers bind the C code to newer symbols, whatever our build says.</summary>
    private static readonly Version NewestGlibcToBuildOn = new(2, 36);

    [Fact]
    public async Task needs_libc_and_libm_and_nothing_else()
    {
        string output = await PublishedExecutable.OutputOfAsync("ldd", PublishedExecutable.PathOrSkip());

        string[] libraries = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Path.GetFileName(line.Trim().Split(' ')[0]))];

        Assert.Contains("libc.so.6", libraries);
        Assert.All(libraries, name => Assert.Matches(@"^(libc\.so\.6|libm\.so\.6|linux-vdso\.so\.1|ld-linux-.*)$", name));
    }

    [Fact]
    public void is_at_most_25_MB()
        => Assert.InRange(new FileInfo(PublishedExecutable.PathOrSkip()).Length, 1_000_000, SizeLimit);

    [Fact]
    public async Task runs_on_the_stated_glibc()
    {
        string path = PublishedExecutable.PathOrSkip();
        Match here = GlibcRelease().Match(await PublishedExecutable.OutputOfAsync("ldd", "--version"));
        Assert.SkipWhen(here.Success && Version.Parse(here.Groups[1].Value) > NewestGlibcToBuildOn,
            $"built on glibc {here.Groups[1].Value}: a build for older systems is made on Debian 12 (glibc {NewestGlibcToBuildOn}) or older");

        string symbols = await PublishedExecutable.OutputOfAsync("objdump", "-T", path);
        Version[] versions = [.. GlibcSymbol().Matches(symbols).Select(match => Version.Parse(match.Groups[1].Value))];

        Assert.NotEmpty(versions);
        Assert.True(versions.Max() <= OldestGlibc, $"needs GLIBC_{versions.Max()}, README says {OldestGlibc}");
    }

    [Fact]
    public async Task is_stripped()
    {
        string sections = await PublishedExecutable.OutputOfAsync("objdump", "-h", PublishedExecutable.PathOrSkip());

        Assert.Contains(".text", sections, StringComparison.Ordinal);
        Assert.DoesNotContain(".debug_info", sections, StringComparison.Ordinal);
    }

    [Fact]
    public async Task says_its_version()
    {
        string output = await PublishedExecutable.OutputOfAsync(PublishedExecutable.PathOrSkip(), "--version");

        string version = typeof(PublishedExecutableTests).Assembly.GetName().Version!.ToString(3);
        Assert.Contains(version, output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"GLIBC_(\d+\.\d+)")]
    private static partial Regex GlibcSymbol();

    [GeneratedRegex(@"(\d+\.\d+)\s*$", RegexOptions.Multiline)]
    private static partial Regex GlibcRelease();
}
