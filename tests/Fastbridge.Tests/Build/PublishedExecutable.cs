using System.Diagnostics;

namespace Fastbridge.Tests.Build;

/// <summary>The file that scripts/publish.sh writes, found from the folder the tests run in, and programs run on it.</summary>
internal static class PublishedExecutable
{
    /// <summary>Its full path. Skips the calling test, with the remedy, where it was not published or tests run elsewhere than on Linux.</summary>
    internal static string PathOrSkip()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "artifacts/fastbridge is published on Linux only");
        string path = Path.Combine(RepositoryFolder(), "artifacts", "fastbridge");
        Assert.SkipUnless(File.Exists(path), "artifacts/fastbridge is not there: run scripts/publish.sh");
        return path;
    }

    /// <summary>Runs a program to its end and returns what it wrote to standard output. Its failure fails the test.</summary>
    /// <param name="program">A name on PATH or a full path.</param>
    /// <param name="arguments">Handed over as they are, without a shell.</param>
    internal static async Task<string> OutputOfAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            CancellationToken cancellation = TestContext.Current.CancellationToken;
            Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
            string output = await process.StandardOutput.ReadToEndAsync(cancellation).WaitAsync(Support.TestTools.Guard, cancellation);
            await process.WaitForExitAsync(cancellation).WaitAsync(Support.TestTools.Guard, cancellation);
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}: {await error}");
            return output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string RepositoryFolder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "fastbridge.sln")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException($"no fastbridge.sln above {AppContext.BaseDirectory}");
    }
}
