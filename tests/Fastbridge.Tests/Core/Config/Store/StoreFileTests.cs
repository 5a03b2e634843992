using Fastbridge.Core.Config.Store;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Config.Store;

/// <summary>The file on disk: symlinks, mode, owner, locks, and what cannot be read or written.</summary>
public sealed class StoreFileTests
{
    private const string Empty = "{\"connectors\": []}\n";

    [Fact]
    public async Task a_symlink_is_followed_and_stays()
    {
        using var fixture = new StoreFixture("real.json", Empty);
        string folder = Directory.CreateDirectory(Path.Combine(fixture.Folder, "links")).FullName;
        string link = Path.Combine(folder, "c.json");
        File.CreateSymbolicLink(Path.Combine(folder, "second.json"), "../real.json");
        File.CreateSymbolicLink(link, "second.json");
        Assert.True((await new ConnectorStore(link, StoreFixture.Environment).CreateAsync(StoreFixture.Draft("a"), TestContext.Current.CancellationToken)).IsDone);
        Assert.Equal("second.json", new FileInfo(link).LinkTarget);
        Assert.Equal("../real.json", new FileInfo(Path.Combine(folder, "second.json")).LinkTarget);
        Assert.Equal("a", Assert.Single((await fixture.ListAsync()).Connectors).Name);
        Assert.Equal(["links", "real.json"], Directory.GetFileSystemEntries(fixture.Folder).Select(p => Path.GetFileName(p)!).Where(n => n[0] != '.').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task a_symlink_to_what_is_not_there_makes_it_there()
    {
        using var fixture = new StoreFixture("link.json");
        File.CreateSymbolicLink(fixture.Path, "target.json");
        Assert.True((await fixture.CreateAsync("a")).IsDone);
        Assert.Equal("target.json", new FileInfo(fixture.Path).LinkTarget);
        Assert.True(File.Exists(Path.Combine(fixture.Folder, "target.json")));
    }

    [Fact]
    public async Task symlinks_in_a_circle_are_one_line()
    {
        using var fixture = new StoreFixture("a.json");
        File.CreateSymbolicLink(fixture.Path, "b.json");
        File.CreateSymbolicLink(Path.Combine(fixture.Folder, "b.json"), "a.json");
        StoreException e = await Assert.ThrowsAsync<StoreException>(fixture.ListAsync);
        Assert.StartsWith(fixture.Path + ": ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task mode_and_owner_are_kept()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var fixture = new StoreFixture("c.json", Empty);
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead;
        File.SetUnixFileMode(fixture.Path, Mode);
        string owner = Environment.IsPrivilegedProcess ? "1234:2345" : await OutputAsync("stat", "-c", "%u:%g", fixture.Path);
        if (Environment.IsPrivilegedProcess)
            await OutputAsync("chown", owner, fixture.Path);
        Assert.True((await fixture.CreateAsync("a")).IsDone);
        Assert.Equal(Mode, File.GetUnixFileMode(fixture.Path));
        Assert.Equal(owner, await OutputAsync("stat", "-c", "%u:%g", fixture.Path));
        Assert.Equal($"{owner} 664", await OutputAsync("stat", "-c", "%u:%g %a", Path.Combine(fixture.Folder, ".c.json.lock")));
    }

    [Theory]
    [InlineData("", "FILE:1:1: there is nothing in it; write {\"connectors\": []} or a connector")]
    [InlineData("{\"connectors\": [", "FILE:1:17: the text ends too early; it was cut off, or a closing bracket or quote is missing")]
    public async Task half_a_file_and_an_empty_one_are_left_alone(string text, string fault)
    {
        using var fixture = new StoreFixture("c.json", text);
        await fixture.ThrowsAsync(fault);
        Assert.Equal(text, fixture.Text);
    }

    [Fact]
    public async Task a_folder_in_place_of_the_file_is_one_line()
    {
        using var fixture = new StoreFixture("c.json");
        Directory.CreateDirectory(fixture.Path);
        await fixture.ThrowsAsync("FILE: is a folder; name the file in it");
    }

    [Fact]
    public async Task a_folder_that_is_missing_is_one_line()
    {
        using var fixture = new StoreFixture(Path.Combine("none", "c.json"));
        await fixture.ThrowsAsync($"FILE: there is no folder \"{Path.Combine(fixture.Folder, "none")}\"; make it first");
        Assert.Equal(StoreResult.NotFound, (await fixture.DeleteAsync("a")).Result);
    }

    [Fact]
    public async Task what_this_user_may_not_write_is_one_line()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "root may write everything");
        if (OperatingSystem.IsWindows())
            return;
        using var fixture = new StoreFixture("c.json", Empty);
        File.SetUnixFileMode(fixture.Path, UnixFileMode.UserRead);
        await fixture.ThrowsAsync("FILE: it or its folder may not be written by this user; change owner or mode. Nothing was changed");
        File.SetUnixFileMode(fixture.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode(fixture.Folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await fixture.ThrowsAsync("FILE: it or its folder may not be written by this user; change owner or mode. Nothing was changed");
        File.SetUnixFileMode(fixture.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task a_lock_that_is_held_is_waited_for_and_then_named()
    {
        using var fixture = new StoreFixture("c.json", Empty);
        string path = Path.Combine(fixture.Folder, ".c.json.lock");
        using (new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            var impatient = new ConnectorStore(fixture.Path, StoreFixture.Environment) { LockWait = TimeSpan.FromMilliseconds(50) };
            StoreException e = await Assert.ThrowsAsync<StoreException>(() => impatient.CreateAsync(StoreFixture.Draft("a"), TestContext.Current.CancellationToken));
            Assert.Equal($"{fixture.Path}: another process has been changing it for 0 s; look who holds {path}", e.Message);
            Task<StoreOutcome> patient = fixture.CreateAsync("a");
            await Task.Delay(100, TestContext.Current.CancellationToken);
            Assert.False(patient.IsCompleted);
            Assert.Equal(Empty, fixture.Text);
            _ = patient.ContinueWith(_ => { }, TaskScheduler.Default);
        }

        Assert.True((await fixture.CreateAsync("b")).IsDone);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task many_stores_at_once_lose_nothing()
    {
        using var fixture = new StoreFixture();
        StoreOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() =>
            new ConnectorStore(fixture.Path, StoreFixture.Environment).CreateAsync(StoreFixture.Draft($"n{i}"), CancellationToken.None), TestContext.Current.CancellationToken)));
        Assert.All(outcomes, o => Assert.True(o.IsDone));
        Assert.Equal(40, (await fixture.ListAsync()).Connectors.Select(c => c.Name).Distinct().Count());
    }

    [Fact]
    public async Task what_a_process_left_that_died_is_removed_by_the_next_write()
    {
        using var fixture = new StoreFixture("c.json", Empty);
        File.WriteAllText(Path.Combine(fixture.Folder, ".c.json.99-0000.tmp"), "half");
        File.WriteAllText(Path.Combine(fixture.Folder, ".other.json.99-0000.tmp"), "another's");
        Assert.True((await fixture.CreateAsync("a")).IsDone);
        Assert.Equal([".c.json.lock", ".other.json.99-0000.tmp", "c.json"], Directory.GetFiles(fixture.Folder).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal));
    }

    private static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        (int code, string output, string error) = await ChildProcess.RunAsync(program, arguments);
        Assert.True(code == 0, error);
        return output.Trim();
    }
}
