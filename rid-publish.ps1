#!/usr/bin/env pwsh
<#
.SYNOPSIS
Publishes fastbridge as one native executable for each RID that this machine can build, and says in a line what the others lack.

.DESCRIPTION
Ahead-of-time compilation links with the system's own tools and C libraries, so a RID is published on a machine of that system and
processor. On Linux scripts/publish.sh does the work. On macOS and Windows static libraries of librdkafka (the version that
scripts/build-librdkafka.sh names, with OpenSSL, zlib and zstd) are expected in artifacts/librdkafka-RID/lib.
The framework is net10.0 where the package feed has its AOT packs, else net9.0. Works in Windows PowerShell 5.1 and PowerShell 7.

.PARAMETER Rid
The RIDs to publish; all four by default.

.EXAMPLE
./rid-publish.ps1
Writes artifacts/RID/fastbridge (fastbridge.exe on Windows). Exit code 0 when at least one RID was published and none failed.
#>
[CmdletBinding()]
param(
    [ValidateSet('linux-x64', 'linux-arm64', 'osx-arm64', 'win-x64')]
    [string[]] $Rid = @('linux-x64', 'linux-arm64', 'osx-arm64', 'win-x64')
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
# The messages of restore are read below.
$env:DOTNET_CLI_UI_LANGUAGE = 'en'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$artifacts = Join-Path $PSScriptRoot 'artifacts'
$project = Join-Path (Join-Path $PSScriptRoot 'src') 'Fastbridge'

function Get-MachineRid {
    $information = [System.Runtime.InteropServices.RuntimeInformation]
    $platform = [System.Runtime.InteropServices.OSPlatform]
    $system = 'unknown'
    if ($information::IsOSPlatform($platform::Linux)) { $system = 'linux' }
    if ($information::IsOSPlatform($platform::OSX)) { $system = 'osx' }
    if ($information::IsOSPlatform($platform::Windows)) { $system = 'win' }
    $processor = $information::OSArchitecture.ToString().ToLowerInvariant()
    return "$system-$processor"
}

function Test-Tool([string] $Name) {
    return $null -ne (Get-Command $Name -CommandType Application -ErrorAction SilentlyContinue)
}

# Visual C++'s linker is not on PATH; the SDK finds it through vswhere, and so does this.
function Test-VisualCpp {
    $folder = [Environment]::GetEnvironmentVariable('ProgramFiles(x86)')
    if (-not $folder) { return $false }
    $vswhere = Join-Path $folder 'Microsoft Visual Studio\Installer\vswhere.exe'
    if (-not (Test-Path -LiteralPath $vswhere)) { return $false }
    $found = & $vswhere -latest -products '*' -requires 'Microsoft.VisualStudio.Component.VC.Tools.x86.x64' -property 'installationPath'
    return [bool] $found
}

# What keeps this RID from being published here; an empty string when nothing does.
function Get-Missing([string] $Wanted, [string] $Machine) {
    if ($Wanted -ne $Machine) {
        return "needs a $Wanted machine (this is $Machine): its linker and its static C libraries are not here"
    }
    if (-not (Test-Tool 'dotnet')) { return 'needs the .NET SDK 10' }
    if (-not (Test-Tool 'node')) { return 'needs Node.js with npm: the dashboard is built with it' }
    if ($Wanted.StartsWith('linux-')) {
        foreach ($tool in @('bash', 'gcc', 'cmake', 'make')) {
            if (-not (Test-Tool $tool)) { return "needs $tool (scripts/setup.sh installs it)" }
        }
        return ''
    }
    $pattern = '*.a'
    if ($Wanted -eq 'win-x64') {
        $pattern = '*.lib'
        if (-not (Test-VisualCpp)) { return 'needs the linker of Visual Studio: the workload "Desktop development with C++"' }
    }
    elseif (-not (Test-Tool 'clang')) {
        return 'needs clang (xcode-select --install)'
    }
    $libraries = Join-Path (Join-Path $artifacts "librdkafka-$Wanted") 'lib'
    if (-not (Test-Path -Path (Join-Path $libraries $pattern))) {
        return "needs the static libraries of librdkafka, OpenSSL, zlib and zstd as $(Join-Path $libraries $pattern)"
    }
    return ''
}

function Get-BuildArguments([string] $Wanted, [string] $Framework) {
    $libraries = (Join-Path $artifacts "librdkafka-$Wanted").Replace('\', '/') + '/'
    return @("-p:RuntimeIdentifier=$Wanted", "-p:FastbridgeTargetFramework=$Framework", "-p:LibrdkafkaFolder=$libraries",
        '-p:Configuration=Release', '-p:FastbridgeDashboard=required', '--artifacts-path', (Join-Path $artifacts 'publish'))
}

# macOS and Windows. Returns the framework, or throws with what restore or publish said.
function Publish-Here([string] $Wanted, [string] $Target) {
    foreach ($framework in @('net10.0', 'net9.0')) {
        $arguments = Get-BuildArguments $Wanted $framework
        $output = & dotnet restore $project @arguments
        if ($LASTEXITCODE -eq 0) { break }
        $errors = @($output | Select-String -Pattern 'error' | ForEach-Object { $_.Line.Trim() } | Select-Object -Unique)
        $lacksPack = @($errors | Select-String -Pattern 'NU110[12].*(NativeAOT|ILCompiler)').Count -gt 0
        # A feed that cannot be reached is no reason to take another framework.
        if ($framework -eq 'net9.0' -or -not $lacksPack) { throw ($errors -join ' ') }
    }
    $output = & dotnet publish $project --no-restore @arguments
    if ($LASTEXITCODE -ne 0) {
        throw (@($output | Select-String -Pattern 'error' | ForEach-Object { $_.Line.Trim() } | Select-Object -Unique) -join ' ')
    }
    $name = [System.IO.Path]::GetFileName($Target)
    $built = Join-Path (Join-Path (Join-Path (Join-Path $artifacts 'publish') 'publish') 'Fastbridge') "release_$Wanted"
    Copy-Item -LiteralPath (Join-Path $built $name) -Destination $Target -Force
    return $framework
}

function Publish-OnLinux([string] $Target) {
    & bash (Join-Path (Join-Path $PSScriptRoot 'scripts') 'publish.sh') | Out-Host
    if ($LASTEXITCODE -ne 0) { throw 'scripts/publish.sh failed (above)' }
    Copy-Item -LiteralPath (Join-Path $artifacts 'fastbridge') -Destination $Target -Force
}

$machine = Get-MachineRid
$published = 0
$failed = 0
foreach ($wanted in $Rid) {
    $missing = Get-Missing $wanted $machine
    if ($missing) {
        Write-Host "${wanted}: not published: $missing"
        continue
    }
    $name = 'fastbridge'
    if ($wanted -eq 'win-x64') { $name = 'fastbridge.exe' }
    $folder = Join-Path $artifacts $wanted
    $target = Join-Path $folder $name
    try {
        New-Item -ItemType Directory -Path $folder -Force | Out-Null
        $framework = ''
        if ($wanted.StartsWith('linux-')) { Publish-OnLinux $target } else { $framework = ' with ' + (Publish-Here $wanted $target) }
        $size = [math]::Round((Get-Item -LiteralPath $target).Length / 1e6, 1)
        Write-Host "${wanted}: published$framework as $target, $size MB"
        $published++
    }
    catch {
        Write-Host "${wanted}: failed: $($_.Exception.Message)"
        $failed++
    }
}
if ($failed -gt 0 -or $published -eq 0) { exit 1 }
exit 0
